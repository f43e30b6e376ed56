//! API keys, references and gateway starts by key. It decides no rights and joins nothing itself:
//! write timestamps keep the newer state.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::stream::{self, StreamExt, TryStreamExt};
use scylla::response::query_result::QueryRowsResult;
use scylla::value::{CqlDate, CqlTimestamp};
use scylla::{DeserializeRow, SerializeRow};
use uuid::Uuid;

use crate::access::{ApiKeyRecord, KeyReach};
use crate::dial::event::{Gateway, GatewayStarted};
use crate::ports::registry::{CallScan, KeyUses, Registry};
use crate::ports::store::{ReadError, WriteError};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{Day, DialId, ProjectId};

use super::columns::{cql_date, cql_time, day_of, micros_of};
use super::connect::CqlStore;
use super::verdict::unreadable;

/// Ids named by one request.
const IDS_MOST: usize = 100;
/// Requests of one call that are in flight together.
const TOGETHER: usize = 16;
const PROJECT_KEY: i8 = 0;
const GATEWAY_KEY: i8 = 1;

impl Registry for CqlStore {
    async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), WriteError> {
        let row = KeyRow::of(key);
        self.link.write(&self.statements.keys.put_key, row).await?;
        for place in places(&key.reach) {
            let values = (place, &*key.key_id);
            self.link.write(&self.statements.keys.put_key_place, values).await?;
        }
        Ok(())
    }

    async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, ReadError> {
        let mut found = None;
        let take = |page: QueryRowsResult| each_key(&page, |key| found = Some(key));
        self.link.each_page(&self.statements.keys.get_key, (key_id,), take).await?;
        Ok(found)
    }

    async fn list_keys(&self, project: Option<ProjectId>) -> Result<Vec<ApiKeyRecord>, ReadError> {
        self.keys_at(project.map_or(Uuid::nil(), ProjectId::uuid)).await
    }

    async fn put_reference(&self, reference: &Reference) -> Result<(), WriteError> {
        let statement = self.statements.references.put(reference.kind);
        // A reference that is gone keeps no body: empty, not null, so that it stays so.
        let body = reference.body.as_deref().unwrap_or_default();
        let gone = reference.body.is_none();
        let (at, written) = (cql_time(reference.at), reference.at.get());
        let project = reference.project.uuid();
        match reference.kind {
            ReferenceKind::Project => {
                self.link.write(statement, (project, at, body, gone, written)).await
            }
            ReferenceKind::User | ReferenceKind::Rule | ReferenceKind::Call => {
                self.link.write(statement, (project, reference.id, at, body, gone, written)).await
            }
        }
    }

    async fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> Result<Vec<Reference>, ReadError> {
        let ids: BTreeSet<Uuid> = ids.iter().copied().collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let found: Vec<Vec<Reference>> = match kind {
            ReferenceKind::User | ReferenceKind::Rule => {
                let chunks: Vec<Vec<Uuid>> = ids.chunks(IDS_MOST).map(<[_]>::to_vec).collect();
                stream::iter(chunks)
                    .map(|ids| self.references_in(kind, project, (project.uuid(), ids)))
                    .buffer_unordered(TOGETHER)
                    .try_collect()
                    .await?
            }
            ReferenceKind::Call => {
                stream::iter(ids)
                    .map(|id| self.references_in(kind, project, (project.uuid(), id)))
                    .buffer_unordered(TOGETHER)
                    .try_collect()
                    .await?
            }
            ReferenceKind::Project if ids.contains(&project.uuid()) => {
                vec![self.references_in(kind, project, (project.uuid(),)).await?]
            }
            ReferenceKind::Project => Vec::new(),
        };
        Ok(found.into_iter().flatten().collect())
    }

    async fn put_gateway_start(&self, start: &GatewayStarted) -> Result<(), WriteError> {
        let live: BTreeSet<&str> = start.live.iter().map(DialId::as_str).collect();
        let project = start.project.map_or(Uuid::nil(), ProjectId::uuid);
        let (at, written) = (cql_time(start.at), start.at.get());
        let values = (start.gateway.as_str(), project, at, live, written);
        self.link.write(&self.statements.keys.put_start, values).await
    }

    async fn gateway_starts(&self) -> Result<Vec<GatewayStarted>, ReadError> {
        let mut starts = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<StartCells<'_>>().map_err(unreadable)? {
                starts.push(row.map_err(unreadable)?.start()?);
            }
            Ok(())
        };
        self.link.each_page(&self.statements.keys.list_starts, (), take).await?;
        Ok(starts)
    }
}

impl KeyUses for CqlStore {
    /// Written at the start of the day: the latest day wins.
    async fn put_key_use(&self, key_id: &str, day: Day) -> Result<(), WriteError> {
        let values = (day.start().get(), cql_date(day), key_id);
        self.link.write(&self.statements.keys.put_key_use, values).await
    }

    async fn get_key_use(&self, key_id: &str) -> Result<Option<Day>, ReadError> {
        let mut found = None;
        let take = |page: QueryRowsResult| {
            for row in page.rows::<(Option<CqlDate>,)>().map_err(unreadable)? {
                found = row.map_err(unreadable)?.0.map(day_of);
            }
            Ok(())
        };
        self.link.each_page(&self.statements.keys.get_key_use, (key_id,), take).await?;
        Ok(found)
    }
}

impl CallScan for CqlStore {
    async fn find_calls(
        &self,
        is_wanted: &(dyn Fn(&Reference) -> bool + Send + Sync),
    ) -> Result<Vec<Reference>, ReadError> {
        let mut found = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<CallCells<'_>>().map_err(unreadable)? {
                let CallCells { project_id, id, occurred_at, body, gone } =
                    row.map_err(unreadable)?;
                let cells = ReferenceCells { id, occurred_at, body, gone };
                let call = cells.reference(ReferenceKind::Call, ProjectId::new(project_id));
                if is_wanted(&call) {
                    found.push(call);
                }
            }
            Ok(())
        };
        self.link.each_page(&self.statements.references.scan_calls, (), take).await?;
        Ok(found)
    }
}

impl CqlStore {
    async fn keys_at(&self, place: Uuid) -> Result<Vec<ApiKeyRecord>, ReadError> {
        let mut ids = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<(String,)>().map_err(unreadable)? {
                ids.push(row.map_err(unreadable)?.0);
            }
            Ok(())
        };
        self.link.each_page(&self.statements.keys.list_key_places, (place,), take).await?;
        let keys: Vec<Option<ApiKeyRecord>> = stream::iter(ids)
            .map(async |id| self.get_key(&id).await)
            .buffered(TOGETHER)
            .try_collect()
            .await?;
        // A place may outlive a change of reach.
        let is_here = |key: &ApiKeyRecord| places(&key.reach).contains(&place);
        Ok(keys.into_iter().flatten().filter(is_here).collect())
    }

    async fn references_in(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        values: impl scylla::serialize::row::SerializeRow + Send + Sync,
    ) -> Result<Vec<Reference>, ReadError> {
        let mut references = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<ReferenceCells<'_>>().map_err(unreadable)? {
                references.push(row.map_err(unreadable)?.reference(kind, project));
            }
            Ok(())
        };
        self.link.each_page(self.statements.references.get(kind), values, take).await?;
        Ok(references)
    }
}

/// Where a key stands in the list by project: under each it reaches, or the nil UUID for all.
fn places(reach: &KeyReach) -> Vec<Uuid> {
    match reach {
        KeyReach::Project(project) => vec![project.uuid()],
        KeyReach::Gateway(projects) if projects.is_empty() => vec![Uuid::nil()],
        KeyReach::Gateway(projects) => projects.iter().map(|project| project.uuid()).collect(),
    }
}

#[derive(SerializeRow)]
#[scylla(flavor = "enforce_order")]
struct KeyRow<'a> {
    key_id: &'a str,
    kind: i8,
    project_id: Option<Uuid>,
    projects: BTreeSet<Uuid>,
    name: &'a str,
    hash: &'a [u8],
    allow_list: &'a BTreeSet<Arc<str>>,
    block_list: &'a BTreeSet<Arc<str>>,
    created_at: CqlTimestamp,
    created_by: &'a str,
    expires_at: Option<CqlTimestamp>,
    revoked_at: Option<CqlTimestamp>,
}

impl<'a> KeyRow<'a> {
    fn of(key: &'a ApiKeyRecord) -> Self {
        let (kind, project_id, projects) = match &key.reach {
            KeyReach::Project(project) => (PROJECT_KEY, Some(project.uuid()), BTreeSet::new()),
            KeyReach::Gateway(projects) => {
                (GATEWAY_KEY, None, projects.iter().map(|project| project.uuid()).collect())
            }
        };
        Self {
            key_id: &key.key_id,
            kind,
            project_id,
            projects,
            name: &key.name,
            hash: &key.hash,
            allow_list: &key.allow,
            block_list: &key.block,
            created_at: cql_time(key.created_at),
            created_by: &key.created_by,
            expires_at: key.expires_at.map(cql_time),
            revoked_at: key.revoked_at.map(cql_time),
        }
    }
}

#[derive(DeserializeRow)]
#[scylla(flavor = "enforce_order")]
struct KeyCells<'a> {
    key_id: &'a str,
    kind: i8,
    project_id: Option<Uuid>,
    projects: Option<Vec<Uuid>>,
    name: Option<&'a str>,
    hash: &'a [u8],
    allow_list: Option<Vec<Arc<str>>>,
    block_list: Option<Vec<Arc<str>>>,
    created_at: CqlTimestamp,
    created_by: Option<&'a str>,
    expires_at: Option<CqlTimestamp>,
    revoked_at: Option<CqlTimestamp>,
}

impl KeyCells<'_> {
    fn record(self) -> Result<ApiKeyRecord, ReadError> {
        let spoilt = |column: &str| {
            ReadError::Unreadable(format!("api key {}: unexpected value in {column}", self.key_id))
        };
        let reach = match (self.kind, self.project_id) {
            (PROJECT_KEY, Some(project)) => KeyReach::Project(ProjectId::new(project)),
            (GATEWAY_KEY, _) => {
                let projects = self.projects.unwrap_or_default();
                KeyReach::Gateway(projects.into_iter().map(ProjectId::new).collect())
            }
            _ => return Err(spoilt("kind")),
        };
        Ok(ApiKeyRecord {
            key_id: self.key_id.into(),
            reach,
            name: self.name.unwrap_or_default().into(),
            hash: self.hash.try_into().map_err(|_| spoilt("hash"))?,
            allow: self.allow_list.unwrap_or_default().into_iter().collect(),
            block: self.block_list.unwrap_or_default().into_iter().collect(),
            created_at: micros_of(self.created_at),
            created_by: self.created_by.unwrap_or_default().into(),
            expires_at: self.expires_at.map(micros_of),
            revoked_at: self.revoked_at.map(micros_of),
        })
    }
}

fn each_key(result: &QueryRowsResult, mut take: impl FnMut(ApiKeyRecord)) -> Result<(), ReadError> {
    for row in result.rows::<KeyCells<'_>>().map_err(unreadable)? {
        take(row.map_err(unreadable)?.record()?);
    }
    Ok(())
}

#[derive(DeserializeRow)]
#[scylla(flavor = "enforce_order")]
struct ReferenceCells<'a> {
    id: Uuid,
    occurred_at: Option<CqlTimestamp>,
    body: Option<&'a str>,
    gone: Option<bool>,
}

impl ReferenceCells<'_> {
    fn reference(self, kind: ReferenceKind, project: ProjectId) -> Reference {
        let gone = self.gone.unwrap_or(false);
        let body = self.body.filter(|_| !gone).map(Arc::from);
        let at = self.occurred_at.map(micros_of).unwrap_or_default();
        Reference { kind, project, id: self.id, at, body }
    }
}

#[derive(DeserializeRow)]
#[scylla(flavor = "enforce_order")]
struct CallCells<'a> {
    project_id: Uuid,
    id: Uuid,
    occurred_at: Option<CqlTimestamp>,
    body: Option<&'a str>,
    gone: Option<bool>,
}

#[derive(DeserializeRow)]
#[scylla(flavor = "enforce_order")]
struct StartCells<'a> {
    gateway: &'a str,
    project_id: Uuid,
    at: Option<CqlTimestamp>,
    live: Option<Vec<&'a str>>,
}

impl StartCells<'_> {
    fn start(self) -> Result<GatewayStarted, ReadError> {
        let live: Option<Vec<DialId>> =
            self.live.unwrap_or_default().into_iter().map(DialId::parse).collect();
        let live = live.ok_or_else(|| {
            ReadError::Unreadable("gateway start: unexpected value in live".to_owned())
        })?;
        Ok(GatewayStarted {
            gateway: Gateway::from_text(self.gateway),
            at: self.at.map(micros_of).unwrap_or_default(),
            live,
            project: (!self.project_id.is_nil()).then(|| ProjectId::new(self.project_id)),
        })
    }
}
