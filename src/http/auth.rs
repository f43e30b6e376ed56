//! The `ApiKey` header → who calls. Records of keys are cached for less than a second, so that a
//! revocation is effective everywhere within one. It does not say what a key may do (`access`).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::http::HeaderMap;
use tokio::time::Instant;

use crate::access::{ApiKeyRecord, KeyReach, PresentedKey, is_live};
use crate::ports::registry::Registry;
use crate::value::{Micros, ProjectId};

use super::bucket::{Bucket, Rate};
use super::error::{NOT_NOW, Refused};
use super::uses::{UsedOn, Uses};

/// A record read longer ago is read again before it is trusted.
const TRUSTED_FOR: Duration = Duration::from_millis(900);
/// From this age on one of the requests that use a record reads it again.
const RENEWED_AFTER: Duration = Duration::from_millis(450);
/// Keys and peers remembered at most.
const REMEMBERED_MAX: usize = 8_192;
/// What is not used for so long is forgotten first.
const IDLE_FOR: Duration = Duration::from_mins(1);
/// Wrong API keys of one peer: 5 a second, 20 at once.
const GUESSES: Rate = Rate { interval: Duration::from_millis(200), burst: 20 };

/// Who calls.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    /// The key, live at the time of the call.
    pub(super) key: Arc<ApiKeyRecord>,
    entry: Arc<Known>,
}

/// Known keys, and the peers that sent wrong ones.
#[derive(Debug)]
pub(super) struct Auth {
    started: Instant,
    keys: ArcSwap<BTreeMap<Arc<str>, Arc<Known>>>,
    peers: Buckets<IpAddr>,
    projects: Buckets<ProjectId>,
    uses: Uses,
}

type Buckets<T> = ArcSwap<BTreeMap<T, Arc<Bucket>>>;

/// What may be asked; `None` = no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rates {
    /// With one API key.
    pub(super) per_key: Option<Rate>,
    /// Of one project, over all its API keys.
    pub(super) per_project: Option<Rate>,
}

/// One API key id that the registry knows.
#[derive(Debug)]
struct Known {
    seen: ArcSwap<Seen>,
    is_renewing: AtomicBool,
    bucket: Bucket,
    used: UsedOn,
}

#[derive(Debug)]
struct Seen {
    key: Arc<ApiKeyRecord>,
    at: Instant,
}

impl Auth {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            keys: ArcSwap::default(),
            peers: ArcSwap::default(),
            projects: ArcSwap::default(),
            uses: Uses::default(),
        }
    }

    /// The caller behind the one `ApiKey` header; `None` without any.
    pub(super) async fn principal<R: Registry>(
        &self,
        registry: &R,
        headers: &HeaderMap,
        (now, peer): (Micros, IpAddr),
    ) -> Result<Option<Principal>, Refused> {
        let mut sent = headers.get_all("apikey").iter();
        let Some(text) = sent.next() else { return Ok(None) };
        let is_alone = sent.next().is_none();
        let presented = text.to_str().ok().and_then(|text| PresentedKey::parse(text.trim()));
        let Some(presented) = presented.filter(|_| is_alone) else {
            return Err(self.wrong_guess(peer));
        };
        let known = self.known(registry, presented.key_id(), peer).await?;
        let key = known.as_ref().map(|known| Arc::clone(&known.seen.load().key));
        let is_own = presented.is_of(key.as_deref());
        match (known, key) {
            (Some(entry), Some(key)) if is_own && is_live(&key, now) => {
                self.uses.note(&entry.used, &key.key_id, now.day());
                Ok(Some(Principal { key, entry }))
            }
            _ => Err(self.wrong_guess(peer)),
        }
    }

    /// Uses of keys that wait to be noted.
    pub(super) const fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Takes one request off what the key and its project may ask.
    pub(super) fn take(&self, principal: &Principal, rates: Rates) -> Result<(), Refused> {
        let now = self.started.elapsed();
        if let Some(rate) = rates.per_key {
            let taken = principal.entry.bucket.take(now, rate);
            taken.map_err(|wait| limited("API key", wait))?;
        }
        if let (Some(rate), KeyReach::Project(project)) = (rates.per_project, &principal.key.reach)
        {
            let taken = bucket_of(&self.projects, *project, (now, rate)).take(now, rate);
            taken.map_err(|wait| limited("project", wait))?;
        }
        Ok(())
    }

    /// A record that is fresh enough; `None` = the registry does not know the id.
    async fn known<R: Registry>(
        &self,
        registry: &R,
        key_id: &Arc<str>,
        peer: IpAddr,
    ) -> Result<Option<Arc<Known>>, Refused> {
        let known = self.keys.load().get(key_id).map(Arc::clone);
        if let Some(known) = known {
            let age = known.seen.load().at.elapsed();
            let is_fresh = age < RENEWED_AFTER
                || (age < TRUSTED_FOR && known.is_renewing.swap(true, Ordering::Relaxed));
            if is_fresh {
                return Ok(Some(known));
            }
        } else if !self.may_guess(peer) {
            return Err(limited("API key", GUESSES.interval));
        }
        self.read(registry, key_id).await
    }

    /// Reads the record again, or for the first time.
    async fn read<R: Registry>(
        &self,
        registry: &R,
        key_id: &Arc<str>,
    ) -> Result<Option<Arc<Known>>, Refused> {
        // What is read is as old as the question.
        let at = Instant::now();
        let key = registry.get_key(key_id).await;
        let known = self.keys.load().get(key_id).map(Arc::clone);
        if let Some(known) = &known {
            known.is_renewing.store(false, Ordering::Relaxed);
        }
        let key = key.map_err(|error| {
            tracing::warn!(%error, hint = "see `/status/ready`", "an API key cannot be read");
            Refused::Unavailable(NOT_NOW)
        })?;
        Ok(match (key, known) {
            (None, None) => None,
            (None, Some(_)) => {
                self.keys.rcu(|keys| without(keys, key_id));
                None
            }
            (Some(key), Some(known)) => {
                known.seen.store(Arc::new(Seen { key: Arc::new(key), at }));
                Some(known)
            }
            (Some(key), None) => Some(self.remember(Seen { key: Arc::new(key), at })),
        })
    }

    fn remember(&self, seen: Seen) -> Arc<Known> {
        let key_id = Arc::clone(&seen.key.key_id);
        let known = Arc::new(Known {
            seen: ArcSwap::from_pointee(seen),
            is_renewing: AtomicBool::new(false),
            bucket: Bucket::default(),
            used: UsedOn::default(),
        });
        self.keys.rcu(|keys| {
            let mut keys = BTreeMap::clone(keys);
            if keys.len() >= REMEMBERED_MAX {
                keys.retain(|_, known| known.seen.load().at.elapsed() < IDLE_FOR);
            }
            if keys.len() >= REMEMBERED_MAX {
                keys.clear();
            }
            // Of two that race the first keeps its bucket.
            keys.entry(Arc::clone(&key_id)).or_insert_with(|| Arc::clone(&known));
            keys
        });
        self.keys.load().get(&key_id).map_or(known, Arc::clone)
    }

    fn may_guess(&self, peer: IpAddr) -> bool {
        let peers = self.peers.load();
        peers.get(&peer).is_none_or(|bucket| bucket.has_token(self.started.elapsed(), GUESSES))
    }

    /// The peer sent a wrong API key: the answer to that, or to too many of them.
    fn wrong_guess(&self, peer: IpAddr) -> Refused {
        let now = self.started.elapsed();
        let taken = bucket_of(&self.peers, peer, (now, GUESSES)).take(now, GUESSES);
        taken.map_or_else(|wait| limited("API key", wait), |()| Refused::InvalidKey)
    }
}

/// The bucket of one peer or project. Of too many, those that are full again are forgotten.
fn bucket_of<T: Ord + Copy>(
    buckets: &Buckets<T>,
    whose: T,
    (now, rate): (Duration, Rate),
) -> Arc<Bucket> {
    if let Some(bucket) = buckets.load().get(&whose) {
        return Arc::clone(bucket);
    }
    buckets.rcu(|buckets| {
        let mut buckets = BTreeMap::clone(buckets);
        if buckets.len() >= REMEMBERED_MAX {
            buckets.retain(|_, bucket| !bucket.has_token(now, rate));
        }
        if buckets.len() >= REMEMBERED_MAX {
            buckets.clear();
        }
        buckets.entry(whose).or_default();
        buckets
    });
    buckets.load().get(&whose).map(Arc::clone).unwrap_or_default()
}

fn without(
    keys: &BTreeMap<Arc<str>, Arc<Known>>,
    key_id: &Arc<str>,
) -> BTreeMap<Arc<str>, Arc<Known>> {
    let mut keys = keys.clone();
    keys.remove(key_id);
    keys
}

fn limited(whose: &'static str, wait: Duration) -> Refused {
    let wait_s = wait.as_millis().div_ceil(1_000).try_into().unwrap_or(1).max(1);
    Refused::RateLimited { whose, wait_s }
}
