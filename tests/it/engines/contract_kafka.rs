//! The contract of dead letters over a real broker, each case with topics of its own.

use std::sync::Arc;
use std::time::Duration;

use ringfold::kafka::{KafkaDeadLetters, KafkaLetters, KafkaSettings, Position};
use ringfold::ports::log::{DeadLetter, DeadLetters};

use crate::contract::letters::{Back, LettersUnderTest};
use crate::contract::{fresh_seed, letters_contract};
use crate::support::broker::Broker;
use crate::support::engines::kafka_address;

/// Topics of one case.
struct OnKafka {
    broker: Broker,
    settings: KafkaSettings,
    dead: KafkaDeadLetters,
}

fn open(address: &str) -> OnKafka {
    let broker = Broker::new(address, "letters", 1);
    let settings = KafkaSettings {
        brokers: broker.address.clone(),
        topics: vec![broker.dials.clone(), broker.references.clone()],
        dead_letters: broker.dead_letters.clone(),
        group: broker.dials.clone(),
        prefetch_bytes: 1 << 20,
        security: [].into(),
        client: [].into(),
        startup_deadline: Duration::from_secs(20),
        position: Position::Group,
    };
    let dead = KafkaDeadLetters::open(&settings).unwrap();
    OnKafka { broker, settings, dead }
}

impl LettersUnderTest for OnKafka {
    type Letters = KafkaLetters;

    fn source(&self) -> Arc<str> {
        self.broker.dials.as_str().into()
    }

    async fn put(&self, letter: &DeadLetter) {
        self.dead.put(letter).await.unwrap();
    }

    async fn letters(&self) -> KafkaLetters {
        KafkaLetters::open(&self.settings).await.unwrap()
    }

    async fn records(&self, count: usize) -> Vec<Back> {
        let read = self.broker.read(&self.broker.dials, count).into_iter();
        read.map(|read| Back { key: read.key, headers: read.headers, value: read.value }).collect()
    }
}

macro_rules! case_tests {
    ($open:path; $($group:ident: $($case:ident)+;)+) => {
        $($(
            #[test]
            fn $case() {
                let Some(address) = kafka_address() else { return };
                let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
                runtime.unwrap().block_on(async {
                    let under = $open(&address);
                    Box::pin(crate::contract::$group::$case(&under, fresh_seed())).await;
                });
            }
        )+)+
    };
}

letters_contract!(case_tests, open);
