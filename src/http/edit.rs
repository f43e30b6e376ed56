//! Writes of the resource: from an admitted request to a durable edit. Which cells that is
//! `dial::edit` decides; how often it is tried is `settle`'s.

use axum::body::HttpBody;
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::dial::edit::{self, NewItem, Origin, Stamp};
use crate::dial::identity::{api_made, time_of_id};
use crate::dial::render::{self, View};
use crate::dial::{ItemKey, Row};
use crate::item::Column;
use crate::ports::log::EventSink;
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ItemReader, ReadError};
use crate::query::{NewColumns, changes_from_json, new_from_json};
use crate::relation::ReferenceKind;
use crate::value::{CallId, Micros, ProjectId, RuleId, UserId};

use super::app::{App, Call};
use super::args::check_fields;
use super::checks::Admitted;
use super::error::{NOTHING_CHANGED, Refused};
use super::profile::Created;
use super::routes::Route;
use super::writer::JsonWriter;

const EMPTY: &[u8] = b"{}";

impl<S, K> App<S, K>
where
    S: DialStore + ItemReader + Directory + Registry,
    K: EventSink,
{
    pub(super) async fn create<B>(&self, call: Call<B>) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let asked = self.admitted(Route::Create, None, call).await?;
        let profile = self.api.profile;
        check_fields(profile, &asked.body, &["data"])?;
        let data = asked.body.get("data");
        let new = new_from_json(profile.dialect(), data, asked.project)?;
        if profile.asks_for_parents() {
            self.check_parents(asked.project, &new).await?;
        }
        let key = self.new_key(asked.project, asked.now);
        let NewColumns { call, rule, user, phone, columns } = new;
        let new =
            NewItem { key, call: Some(call), rule, user, phone, columns, origin: Origin::Api };
        let book = self.api.book.load_full();
        let view = View { book: &book, limits: &self.api.limits, now: asked.now };
        let write = edit::create(new, &stamp(&asked), &view);
        let state = write.create.as_ref().map(|create| create.state.clone()).unwrap_or_default();
        let row = Row::of(key, state).edited_by(&write);
        self.settled(write, self.until(&asked)).await?;
        let item = render::item(&row, &view);
        let mut writer = JsonWriter::default();
        let sent = data.and_then(|data| data.as_object());
        profile.write_created(&mut writer, &Created { item: &item, sent });
        Ok(writer.into_bytes())
    }

    pub(super) async fn update<B>(
        &self,
        call: Call<B>,
        id: Option<String>,
    ) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let asked = self.admitted(Route::Update, id, call).await?;
        let profile = self.api.profile;
        check_fields(profile, &asked.body, &["data"])?;
        let changes = changes_from_json(profile.dialect(), asked.body.get("data"))?;
        let row = self.row_of(&asked).await?;
        let write = row.and_then(|row| edit::update(&row, changes, &stamp(&asked)));
        let Some(write) = write else { return Err(profile.nothing_to_update()) };
        self.settled(write, self.until(&asked)).await?;
        Ok(EMPTY.to_vec())
    }

    pub(super) async fn delete<B>(
        &self,
        call: Call<B>,
        id: Option<String>,
    ) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let asked = self.admitted(Route::Delete, id, call).await?;
        let row = self.row_of(&asked).await?;
        let Some(write) = row.and_then(|row| edit::delete(&row, &stamp(&asked))) else {
            return self.api.profile.missing_item().map(|body| body.as_bytes().to_vec());
        };
        self.settled(write, self.until(&asked)).await?;
        Ok(EMPTY.to_vec())
    }

    fn new_key(&self, project: ProjectId, now: Micros) -> ItemKey {
        let mut random = [0; 10];
        self.api.entropy.fill(&mut random);
        ItemKey { project, created_at: now.cut_to_ms(), item: api_made(now, &random) }
    }

    fn until(&self, asked: &Admitted) -> Instant {
        asked.began + self.api.settings.deadline
    }

    /// The row of the path's item as every acknowledged write left it.
    async fn row_of(&self, asked: &Admitted) -> Result<Option<Row>, Refused> {
        let item = asked.item()?;
        // Where the id carries no time the store looks its place up.
        let created_at = time_of_id(item.uuid()).unwrap_or_default();
        let keys = [ItemKey { project: asked.project, created_at, item }];
        let rows = timeout_at(self.until(asked), self.api.store.load(&keys)).await;
        let rows = rows.unwrap_or_else(|_| Err(ReadError::Unavailable("it took too long".into())));
        let rows = rows.map_err(|error| not_read(&error))?;
        Ok(rows.into_iter().next().flatten())
    }

    /// Refuses parents that no reference of this project tells of.
    async fn check_parents(&self, project: ProjectId, new: &NewColumns) -> Result<(), Refused> {
        let parents = [
            (ReferenceKind::Call, Some(CallId::uuid(new.call)), Column::CallId),
            (ReferenceKind::Rule, new.rule.map(RuleId::uuid), Column::RuleId),
            (ReferenceKind::User, new.user.map(UserId::uuid), Column::UserId),
        ];
        for (kind, id, column) in parents {
            let Some(id) = id else { continue };
            if !self.is_known(kind, project, id).await? {
                let related = title(kind);
                return Err(Refused::UnknownParent { related, column: column.name() });
            }
        }
        Ok(())
    }

    async fn is_known(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        id: Uuid,
    ) -> Result<bool, Refused> {
        let known = self.api.store.references(kind, project, &[id]).await;
        let known = known.map_err(|error| not_read(&error))?;
        Ok(known.iter().any(|reference| reference.body.is_some()))
    }
}

fn stamp(asked: &Admitted) -> Stamp {
    Stamp { now: asked.now, by: std::sync::Arc::clone(&asked.key.key_id) }
}

fn not_read(error: &ReadError) -> Refused {
    tracing::warn!(%error, hint = "see `/status/ready`", "a read before a write failed");
    Refused::Unavailable(NOTHING_CHANGED)
}

const fn title(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::User => "User",
        ReferenceKind::Project => "Project",
        ReferenceKind::Rule => "Incoming Call Policy Escalation Rule",
        ReferenceKind::Call => "Incoming Call Log",
    }
}
