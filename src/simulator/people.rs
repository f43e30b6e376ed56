//! Who there is in a world: projects, their users, numbers and API keys, each with texts that no
//! other project has.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;

use crate::access::{ApiKeyRecord, IssuedKey, KEY_RANDOM_BYTES, KeyReach};
use crate::value::{Micros, Phone, ProjectId, UserId};

use super::plan::Plan;

const PEOPLE: u64 = 11;
const USERS: u64 = 3;

/// One project.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) id: ProjectId,
    users: Vec<UserId>,
    pub(super) key: IssuedKey,
    /// Texts that stand in nothing that is not its own.
    pub(super) own: Vec<String>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct People {
    pub(super) projects: Vec<Project>,
}

impl People {
    pub(super) fn of(plan: &Plan) -> Self {
        let projects = (0..plan.projects).map(|number| Project::of(plan, number)).collect();
        Self { projects }
    }

    pub(super) fn at(&self, number: u8) -> &Project {
        self.projects.get(usize::from(number)).unwrap_or(&self.projects[0])
    }

    pub(super) fn project(&self, number: u8) -> ProjectId {
        self.at(number).id
    }

    pub(super) fn user(&self, project: u8, number: u64) -> UserId {
        let users = &self.at(project).users;
        usize::try_from(number).ok().and_then(|at| users.get(at)).copied().unwrap_or(users[0])
    }

    /// Texts of all projects but one.
    pub(super) fn foreign(&self, project: ProjectId) -> impl Iterator<Item = &str> {
        let others = self.projects.iter().filter(move |other| other.id != project);
        others.flat_map(|other| other.own.iter().map(String::as_str))
    }
}

/// The number of a user.
pub(super) fn phone_of(project: u8, number: u64) -> Phone {
    Phone::new(format!("{}{number}", phones_of(project)))
}

/// How the numbers of a project begin.
fn phones_of(project: u8) -> String {
    format!("+4930231255{}", project + 1)
}

impl Project {
    fn of(plan: &Plan, number: u8) -> Self {
        let mut random = plan.random(PEOPLE, u64::from(number));
        let id = ProjectId::new(Uuid::from_bytes(random.uuid_v4()));
        let users: Vec<UserId> =
            (0..USERS).map(|_| UserId::new(Uuid::from_bytes(random.uuid_v4()))).collect();
        let mut bytes = [0; KEY_RANDOM_BYTES];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&random.next().to_le_bytes());
        }
        let mut own = vec![id.to_string(), phones_of(number), word_of(number)];
        own.extend(users.iter().map(ToString::to_string));
        Self { id, users, key: IssuedKey::make(&bytes), own }
    }

    /// Its API key as the registry keeps it.
    pub(super) fn key_record(&self, created_at: Micros) -> ApiKeyRecord {
        ApiKeyRecord {
            key_id: Arc::clone(self.key.key_id()),
            reach: KeyReach::Project(self.id),
            name: "simulated".into(),
            hash: self.key.hash(),
            allow: BTreeSet::from(["ProjectOwner".into()]),
            block: BTreeSet::new(),
            created_at,
            created_by: "simulator".into(),
            expires_at: None,
            revoked_at: None,
        }
    }
}

/// A word that begins every text which a client of this project writes.
pub(super) fn word_of(project: u8) -> String {
    format!("only-of-project-{project}-")
}
