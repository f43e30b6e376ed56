//! The composition root: picks adapters from the settings, starts components, orders the stop.
//! The only place beside commands and simulator that names a concrete adapter.

mod adapters;
mod open;
mod prices;
mod reload;
mod watch;

pub use adapters::{
    NoFollowers, cql as cql_settings, embedded as embedded_settings, kafka as kafka_settings,
    limits, machine as machine_settings, profile,
};
pub use open::{
    cql as connect_cql, cql_error, embedded as open_embedded, kafka_error, worker_error,
};
pub use prices::{KeptTariff, Seen, TariffError, read_tariff_files};
pub use reload::Reload;

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::net::TcpListener;

use crate::config::{Role, Settings};
use crate::embedded::{Embedded, LocalAndFiles};
use crate::http::{Admin, Api, Health, Live, serve, serve_admin};
use crate::ingest::vitals::Vitals;
use crate::ingest::worker::{Worker, World};
use crate::kafka::{KafkaDeadLetters, KafkaLog, KafkaSettings, KafkaSink, Position};
use crate::ports::changes::Changes;
use crate::ports::log::{DeadLetters, EventLog, EventSink};
use crate::ports::registry::{KeyUses, Registry};
use crate::ports::store::{DialStore, Directory, ItemReader};
use crate::supervisor::{ComponentError, Exit, Spawner, Supervisor};
use crate::system::{SystemClock, SystemEntropy};
use crate::tariff::Book;
use crate::telemetry::metrics::{self, MetricsText};

use adapters::Pair;
use open::listen;

/// What a started process can be asked.
#[derive(Debug)]
pub struct Running {
    /// Where the API listens; `None` without that role.
    pub api: Option<SocketAddr>,
    /// Where probes and metrics are.
    pub admin: SocketAddr,
    /// The local store, where there is one.
    pub embedded: Option<Embedded>,
    /// What can change in the API.
    pub live: Live,
}

/// What all components share.
struct Shared<'a> {
    settings: &'a Settings,
    spawner: Spawner,
    world: World,
    book: Arc<ArcSwap<Book>>,
    health: Health,
    vitals: Arc<Vitals>,
    live: Live,
}

/// Starts everything and runs until a signal or until a component ends.
pub async fn run(
    settings: Settings,
    supervisor: Supervisor,
    metrics: MetricsText,
    reload: Reload,
) -> Result<(), ComponentError> {
    let grace = settings.stop_grace.0;
    let spawner = supervisor.spawner();
    let running = start(&settings, &spawner, metrics).await?;
    reload::follow(&spawner, settings, running.live.clone(), reload)?;
    tracing::info!(api = ?running.api, admin = %running.admin, "running");
    // A service manager that does not ask for notifications is no error.
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
    supervisor.run_to_end(grace).await
}

/// Starts everything the settings name.
pub async fn start(
    settings: &Settings,
    spawner: &Spawner,
    metrics: MetricsText,
) -> Result<Running, ComponentError> {
    let shared = Shared {
        settings,
        spawner: spawner.clone(),
        world: World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) },
        book: Arc::default(),
        health: Health::new(&[watch::LOG, watch::STORE]),
        vitals: Arc::default(),
        live: Live::new(&adapters::api(settings)),
    };
    let admin = listen(settings.admin.listen, "admin.listen").await?;
    let running = match adapters::pair(settings) {
        Some(Pair::LocalLocal) => shared.local_local(&admin).await?,
        Some(Pair::KafkaCql) => shared.kafka_cql(&admin).await?,
        Some(Pair::KafkaLocal) => shared.kafka_local(&admin).await?,
        None => {
            return Err(ComponentError::new(
                Exit::Settings,
                "log.kind \"local\" with store.kind \"cql\": the local log is one process's own, \
                 its rows must lie beside it; set log.kind = \"kafka\" or store.kind = \"local\"",
            ));
        }
    };
    shared.serve_admin(admin, metrics);
    Ok(running)
}

impl Shared<'_> {
    async fn local_local(&self, admin: &TcpListener) -> Result<Running, ComponentError> {
        let store = self.open_store()?;
        self.prices(&store).await?;
        match open::files(self.settings, &store)? {
            None => self.ingest(store.log(), store.clone(), store.clone(), store.changes()),
            Some(files) => {
                let log = LocalAndFiles::new(store.log(), files);
                self.ingest(log, store.clone(), store.clone(), store.changes());
            }
        }
        let sink = self.settings.takes_events().then(|| store.sink());
        let api = self.serve(store.clone(), sink, Arc::new(store.changes())).await?;
        self.running(api, admin, Some(store))
    }

    async fn kafka_cql(&self, admin: &TcpListener) -> Result<Running, ComponentError> {
        let store = open::cql(self.settings).await?;
        self.prices(&store).await?;
        let kafka = adapters::kafka(self.settings, Position::Group);
        if self.settings.has_role(Role::Ingest) {
            let log = self.open_kafka(&kafka)?;
            let dead_letters = KafkaDeadLetters::open(&kafka).map_err(kafka_error)?;
            self.ingest(log, store.clone(), dead_letters, NoFollowers);
        }
        let sink = self.kafka_sink(&kafka)?;
        let api = self.serve(store, sink, Arc::new(NoFollowers)).await?;
        self.running(api, admin, None)
    }

    async fn kafka_local(&self, admin: &TcpListener) -> Result<Running, ComponentError> {
        let store = self.open_store()?;
        self.prices(&store).await?;
        let mut cursors = Vec::new();
        for topic in adapters::kafka(self.settings, Position::Group).topics {
            let kept = store.cursors(&topic).await.map_err(|error| {
                ComponentError::new(Exit::Disk, format!("reading the cursors of {topic}: {error}"))
            })?;
            cursors.extend(kept);
        }
        let kafka = adapters::kafka(self.settings, Position::Cursors(cursors));
        let dead_letters = KafkaDeadLetters::open(&kafka).map_err(kafka_error)?;
        self.ingest(self.open_kafka(&kafka)?, store.clone(), dead_letters, store.changes());
        let sink = self.kafka_sink(&kafka)?;
        let api = self.serve(store.clone(), sink, Arc::new(store.changes())).await?;
        self.running(api, admin, Some(store))
    }

    fn kafka_sink(&self, kafka: &KafkaSettings) -> Result<Option<KafkaSink>, ComponentError> {
        self.settings
            .takes_events()
            .then(|| KafkaSink::open(kafka).map_err(kafka_error))
            .transpose()
    }

    /// Starts the worker.
    fn ingest<L, S, D, C>(&self, log: L, store: S, dead_letters: D, changes: C)
    where
        L: EventLog + 'static,
        S: DialStore + Directory + Registry + Clone + Send + Sync + 'static,
        D: DeadLetters + Clone + Send + Sync + 'static,
        C: Changes + 'static,
    {
        let worker = Worker {
            log,
            store,
            dead_letters,
            changes,
            world: self.world.clone(),
            book: Arc::clone(&self.book),
            limits: limits(self.settings),
            settings: adapters::machine(self.settings),
            watchdog: self.settings.ingest.watchdog.0,
            vitals: Arc::clone(&self.vitals),
        };
        let stop = self.spawner.token();
        self.spawner.task("ingest", async move { worker.run(stop).await.map_err(worker_error) });
    }

    /// Starts the API, if this process has that role.
    async fn serve<S, K>(
        &self,
        store: S,
        sink: Option<K>,
        changes: Arc<dyn Changes>,
    ) -> Result<Option<SocketAddr>, ComponentError>
    where
        S: DialStore + ItemReader + Directory + Registry + KeyUses + Clone + 'static,
        K: EventSink + Clone + Send + Sync + 'static,
    {
        if !self.settings.has_role(Role::Api) {
            return Ok(None);
        }
        let listener = listen(self.settings.http.listen, "http.listen").await?;
        let address = listener.local_addr().ok();
        let api = Api {
            store,
            sink,
            changes,
            book: Arc::clone(&self.book),
            limits: limits(self.settings),
            decode: adapters::decode(self.settings),
            clock: Arc::clone(&self.world.clock),
            entropy: Arc::clone(&self.world.entropy),
            health: self.health.clone(),
            profile: profile(self.settings.http.profile),
            settings: adapters::api(self.settings),
            live: self.live.clone(),
        };
        let (stop, grace) = (self.spawner.token(), self.settings.stop_grace.0);
        self.spawner.task("http", async move {
            serve(api, listener, stop, grace).await.map_err(|error| {
                ComponentError::new(Exit::Failed, format!("serving http: {error}"))
            })
        });
        Ok(address)
    }

    /// The local store; its broken journal ends the process, since only a restart recovers it.
    fn open_store(&self) -> Result<Embedded, ComponentError> {
        let store = open::embedded(self.settings, Arc::clone(&self.world.clock))?;
        let (watched, health) = (store.clone(), self.health.clone());
        let stop = self.spawner.token();
        self.spawner.task("local store", async move {
            tokio::select! {
                () = watch::follow_room(&watched, &health) => Ok(()),
                () = stop.cancelled() => Ok(()),
                reason = watched.broken() => {
                    Err(ComponentError::new(Exit::Disk, format!("the journal failed: {reason}")))
                }
            }
        });
        Ok(store)
    }

    /// Blocks until a broker has answered, at the start, when nothing else runs yet.
    fn open_kafka(&self, kafka: &KafkaSettings) -> Result<KafkaLog, ComponentError> {
        tokio::task::block_in_place(|| KafkaLog::open(kafka, &self.spawner)).map_err(kafka_error)
    }

    fn serve_admin(&self, listener: TcpListener, text: MetricsText) {
        let (health, stop) = (self.health.clone(), self.spawner.token());
        let role = watch::Watched {
            vitals: Arc::clone(&self.vitals),
            is_ingesting: self.settings.has_role(Role::Ingest),
        };
        let followed = watch::follow(role, health.clone(), stop.clone());
        self.spawner.task("health", async move {
            followed.await;
            Ok(())
        });
        let kept_up = metrics::keep_up(stop.clone());
        self.spawner.task("metrics", async move {
            kept_up.await;
            Ok(())
        });
        let password = self.settings.admin.password.value.clone();
        let admin = Admin { metrics: text, health, password };
        self.spawner.task("admin", async move {
            serve_admin(admin, listener, stop).await.map_err(|error| {
                ComponentError::new(Exit::Failed, format!("serving the admin listener: {error}"))
            })
        });
    }

    fn running(
        &self,
        api: Option<SocketAddr>,
        admin: &TcpListener,
        embedded: Option<Embedded>,
    ) -> Result<Running, ComponentError> {
        let admin = admin
            .local_addr()
            .map_err(|error| ComponentError::new(Exit::Failed, format!("admin.listen: {error}")))?;
        Ok(Running { api, admin, embedded, live: self.live.clone() })
    }
}
