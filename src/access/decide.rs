//! The decision: may this API key do that now? No item and no value is looked at.

use std::fmt;

use crate::value::{Micros, ProjectId};

use super::grant::{Grant, GrantRules, Operation, RECORD_READERS};
use super::record::{ApiKeyRecord, KeyReach};

/// Why an API key may not do something; the caller is known and may be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// None of the grants that open the operation is in the allow list.
    NotGranted {
        /// What was asked for.
        operation: Operation,
        /// By which reading.
        rules: GrantRules,
    },
    /// A grant of the operation is in the block list.
    Blocked {
        /// What was asked for.
        operation: Operation,
        /// The first one in the order of the operation's list.
        grant: Grant,
    },
    /// Nothing in the allow list opens the record that a relation leads to.
    RecordNotGranted {
        /// What clients call the record.
        related: &'static str,
    },
    /// None of the grants that open a column is in the allow list, or one is blocked.
    Column {
        /// What it was named for: select, query or sort.
        clause: &'static str,
        /// Its name.
        column: &'static str,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGranted { operation, rules } => {
                let titles: Vec<_> =
                    rules.listed(*operation).iter().map(|grant| grant.title()).collect();
                write!(
                    f,
                    "You do not have permissions to {} Incoming Call Log Item. \
                     You need one of these permissions: {}",
                    operation.word(),
                    titles.join(", ")
                )
            }
            Self::Blocked { operation, grant } => write!(
                f,
                "You are not authorized to {} Incoming Call Log Item because {} is in your \
                 team's permission block list.",
                operation.word(),
                grant.name()
            ),
            Self::RecordNotGranted { related } => write!(
                f,
                "You do not have permissions to read {related} on Incoming Call Log Item. You \
                 need one of these permissions: Project Owner, Project Admin, Project Member, \
                 Viewer, Read {related}"
            ),
            // Clients read the column out of these words.
            Self::Column { clause, column } => {
                write!(f, "You do not have permissions to {clause} on - {column}.")
            }
        }
    }
}

/// Whether the key is good at this instant: neither revoked nor expired.
pub fn is_live(key: &ApiKeyRecord, now: Micros) -> bool {
    key.revoked_at.is_none() && key.expires_at.is_none_or(|expiry| now < expiry)
}

/// May a live key do this with the items of its project? The block list is asked first.
pub fn decide(key: &ApiKeyRecord, operation: Operation, rules: GrantRules) -> Result<(), Refusal> {
    let is_blocked = |grant: &&Grant| key.block.contains(grant.name());
    if let Some(grant) = operation.grants().iter().find(is_blocked) {
        return Err(Refusal::Blocked { operation, grant: *grant });
    }
    let opens = |grant: &Grant| key.allow.contains(grant.name());
    if rules.opens(operation).iter().any(opens) {
        Ok(())
    } else {
        Err(Refusal::NotGranted { operation, rules })
    }
}

/// May a live key that reads items read what is told of the record behind a relation?
pub fn decide_record(key: &ApiKeyRecord, related: &'static str) -> Result<(), Refusal> {
    let is_open = RECORD_READERS.iter().any(|grant| key.allow.contains(grant.name()));
    if is_open { Ok(()) } else { Err(Refusal::RecordNotGranted { related }) }
}

/// May a live key post events of this project? A gateway key for its projects; a project's API key
/// for its own one, with the grants of create (the caller asks [`decide`] for them).
pub fn may_post_for(key: &ApiKeyRecord, project: ProjectId) -> bool {
    match &key.reach {
        KeyReach::Project(own) => *own == project,
        KeyReach::Gateway(projects) => projects.is_empty() || projects.contains(&project),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use uuid::Uuid;

    use super::super::column::{ColumnGroup, decide_column};
    use super::*;

    fn key(allow: &[&str], block: &[&str]) -> ApiKeyRecord {
        let set = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect();
        ApiKeyRecord {
            key_id: "k".into(),
            reach: KeyReach::Project(ProjectId::new(Uuid::from_u128(1))),
            name: "n".into(),
            hash: [0; 32],
            allow: set(allow),
            block: set(block),
            created_at: Micros::new(0),
            created_by: "t".into(),
            expires_at: None,
            revoked_at: None,
        }
    }

    fn said(allow: &[&str], block: &[&str], operation: Operation, rules: GrantRules) -> String {
        decide(&key(allow, block), operation, rules)
            .err()
            .map_or_else(|| "allowed".to_owned(), |refusal| refusal.to_string())
    }

    const DOCUMENTED: GrantRules = GrantRules::Documented;
    const OPERATIONS: [Operation; 4] =
        [Operation::Read, Operation::Create, Operation::Update, Operation::Delete];

    #[test]
    fn owners_and_admins_do_everything_and_readers_read() {
        for name in ["ProjectOwner", "ProjectAdmin"] {
            for operation in OPERATIONS {
                assert_eq!(said(&[name], &[], operation, DOCUMENTED), "allowed");
            }
        }
        let readers =
            ["ProjectMember", "ReadProjectIncomingCallLogItem", "ReadAllProjectResources"];
        for name in readers {
            assert_eq!(said(&[name], &[], Operation::Read, DOCUMENTED), "allowed");
            assert_ne!(said(&[name], &[], Operation::Create, DOCUMENTED), "allowed");
        }
    }

    #[test]
    fn a_viewer_reads_in_drop_in_only() {
        assert_eq!(
            said(&["Viewer"], &[], Operation::Read, DOCUMENTED),
            "You do not have permissions to read Incoming Call Log Item. You need one of these \
             permissions: Project Owner, Project Admin, Project Member, Read Incoming Call Log \
             Item, Read All Project Resources"
        );
        assert_eq!(said(&["Viewer"], &[], Operation::Read, GrantRules::DropIn), "allowed");
        assert_eq!(
            said(&["OnCallAdmin", "*"], &[], Operation::Read, GrantRules::DropIn),
            "You do not have permissions to read Incoming Call Log Item. You need one of these \
             permissions: Project Owner, Project Admin, Project Member, Viewer, Read Incoming \
             Call Log Item"
        );
    }

    #[test]
    fn a_reader_may_not_delete() {
        assert_eq!(
            said(&["ReadProjectIncomingCallLogItem"], &[], Operation::Delete, DOCUMENTED),
            "You do not have permissions to delete Incoming Call Log Item. You need one of these \
             permissions: Project Owner, Project Admin"
        );
    }

    #[test]
    fn records_behind_relations_need_more_than_reading_items() {
        for name in
            ["ProjectOwner", "ProjectAdmin", "ProjectMember", "Viewer", "ReadAllProjectResources"]
        {
            assert_eq!(decide_record(&key(&[name], &[]), "Incoming Call Log"), Ok(()));
        }
        let refused = decide_record(&key(&["ReadProjectIncomingCallLogItem"], &[]), "Thing");
        assert_eq!(
            refused.unwrap_err().to_string(),
            "You do not have permissions to read Thing on Incoming Call Log Item. You need one of \
             these permissions: Project Owner, Project Admin, Project Member, Viewer, Read Thing"
        );
    }

    #[test]
    fn a_block_outranks_whatever_is_allowed() {
        let block = ["ReadProjectIncomingCallLogItem", "Viewer"];
        assert_eq!(
            said(&["ProjectAdmin"], &block, Operation::Read, DOCUMENTED),
            "You are not authorized to read Incoming Call Log Item because Viewer is in your \
             team's permission block list."
        );
        assert_eq!(said(&["ProjectAdmin"], &block, Operation::Update, DOCUMENTED), "allowed");
        assert_eq!(
            said(&["ProjectOwner"], &["ProjectAdmin"], Operation::Delete, DOCUMENTED),
            "You are not authorized to delete Incoming Call Log Item because ProjectAdmin is in \
             your team's permission block list."
        );
    }

    #[test]
    fn every_column_is_read_by_whoever_reads_the_item() {
        for rules in [DOCUMENTED, GrantRules::DropIn] {
            for (allow, block) in [
                (&["ProjectMember"][..], &[][..]),
                (&["Viewer"], &[]),
                (&["OnCallAdmin"], &[]),
                (&["ProjectOwner"], &["Viewer"]),
            ] {
                let key = key(allow, block);
                let may_read = decide(&key, Operation::Read, rules).is_ok();
                for group in ColumnGroup::ALL {
                    let asked = decide_column(&key, group, rules, ("select", "status"));
                    assert_eq!(asked.is_ok(), may_read, "{allow:?} {block:?} {group:?}");
                }
            }
        }
        let refused = decide_column(&key(&[], &[]), ColumnGroup::Kept, DOCUMENTED, ("sort", "_id"));
        let said = refused.unwrap_err().to_string();
        assert_eq!(said, "You do not have permissions to sort on - _id.");
    }

    #[test]
    fn columns_are_written_by_owners_and_admins_or_by_nobody() {
        for (group, create, update) in
            [(ColumnGroup::Kept, 0, 0), (ColumnGroup::Origin, 2, 0), (ColumnGroup::Outcome, 2, 2)]
        {
            let opens = |operation| group.opens(operation, DOCUMENTED).len();
            let counts = (opens(Operation::Create), opens(Operation::Update));
            assert_eq!(counts, (create, update), "{group:?}");
        }
    }

    #[test]
    fn a_key_ends_at_its_expiry_and_at_once_when_revoked() {
        let now = Micros::new(100);
        let at = |expires: Option<i64>, revoked: Option<i64>| {
            let mut key = key(&[], &[]);
            key.expires_at = expires.map(Micros::new);
            key.revoked_at = revoked.map(Micros::new);
            is_live(&key, now)
        };
        assert!(at(None, None));
        assert!(at(Some(101), None));
        assert!(!at(Some(100), None));
        assert!(!at(None, Some(99)));
        assert!(!at(None, Some(101)), "the revoker's clock may be ahead");
    }

    #[test]
    fn events_are_posted_for_own_projects_only() {
        let [one, two] = [1, 2].map(|n| ProjectId::new(Uuid::from_u128(n)));
        assert!(may_post_for(&key(&[], &[]), one));
        assert!(!may_post_for(&key(&[], &[]), two));
        let mut gateway = key(&[], &[]);
        gateway.reach = KeyReach::Gateway(BTreeSet::from([two]));
        assert!(!may_post_for(&gateway, one));
        assert!(may_post_for(&gateway, two));
        gateway.reach = KeyReach::Gateway(BTreeSet::new());
        assert!(may_post_for(&gateway, one));
    }
}
