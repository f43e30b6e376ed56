//! What each fault does to the processes, and what ends it.

use std::time::Duration;

use ringfold::ports::log::NewRecord;

use crate::support::broker::Broker;
use crate::support::tcp::Line;

use super::super::faults::engine;
use super::fleet::Fleet;
use super::plan::{Fault, Kind, Round};

/// Nothing takes longer: the session timeout is 6 s, engines start in half a minute, and the
/// machine may be busy.
pub const PATIENCE: Duration = Duration::from_mins(3);

/// What a fault may strike.
pub struct Scene<'a> {
    pub fleet: &'a mut Fleet,
    pub broker: &'a Broker,
    /// All workers reach the broker through it.
    pub to_broker: &'a Line,
    pub round: &'a Round,
    /// Place of the process that serves the API alone.
    pub api: usize,
}

/// Records that a part of the traffic holds.
pub fn part_of(records: &[NewRecord], round: &Round) -> usize {
    records.len() / (round.faults.len() + 1)
}

impl Scene<'_> {
    /// Waits until so many more records are folded.
    pub fn progress(&mut self, records: u64) {
        let from = self.fleet.polled();
        self.fleet.until(&format!("{records} more records"), PATIENCE, |fleet| {
            (fleet.polled() >= from + records).then_some(())
        });
    }

    pub fn strike(&mut self, fault: &Fault) {
        let time = Duration::from_secs(fault.seconds);
        match fault.kind {
            Kind::KillWorker => self.kill_worker(fault.victim),
            Kind::HangWorker => self.hang_worker(fault),
            Kind::KillBroker => self.engine_dies("kafka", fault),
            Kind::KillStore => self.engine_dies("cassandra", fault),
            Kind::HangBroker => self.engine_sleeps("kafka", time, fault),
            Kind::HangStore => self.engine_sleeps("cassandra", time, fault),
            Kind::StoreAway => self.store_away(fault),
            Kind::Cut => drop(self.lines(self.victim(fault.victim)).map(Line::cut)),
            Kind::HalfOpen => drop(self.lines(self.victim(fault.victim)).map(Line::hang)),
            Kind::Slow => self.slow_network(fault, time),
            Kind::Scale => self.scale(),
            Kind::KillApi => {
                self.fleet.kill(self.api);
                self.fleet.launch(self.api);
            }
            Kind::StopAll => self.stop_all(),
        }
    }

    fn victim(&self, number: usize) -> usize {
        let folding = self.fleet.folding();
        folding[number % folding.len()]
    }

    fn kill_worker(&mut self, victim: usize) {
        let victim = self.victim(victim);
        self.fleet.kill(victim);
        self.fleet.launch(victim);
    }

    fn double(&mut self, fault: &Fault) {
        if fault.is_double && !self.fleet.folding().is_empty() {
            self.kill_worker(fault.victim + 1);
        }
    }

    /// Asleep until the group has gone on without it: then it writes what it still holds.
    fn hang_worker(&mut self, fault: &Fault) {
        let victim = self.victim(fault.victim);
        self.fleet.hang(victim, "STOP");
        self.double(fault);
        let others = self.fleet.folding().len();
        let broker = self.broker;
        self.fleet.until("the group without it", PATIENCE, |_| {
            (broker.members() == Some(others)).then_some(())
        });
        self.fleet.hang(victim, "CONT");
    }

    fn engine_dies(&mut self, name: &str, fault: &Fault) {
        engine("kill", &[name]);
        self.double(fault);
        engine("up", &[name]);
    }

    fn engine_sleeps(&mut self, name: &str, time: Duration, fault: &Fault) {
        engine("kill", &[name, "STOP"]);
        self.fleet.pass(time / 2);
        self.double(fault);
        self.fleet.pass(time / 2);
        engine("kill", &[name, "CONT"]);
    }

    /// Every worker says that it is not ready, lives, and is ready again by itself.
    fn store_away(&mut self, fault: &Fault) {
        let workers = self.fleet.folding();
        engine("kill", &["cassandra"]);
        self.fleet.until("workers that are not ready", PATIENCE, |fleet| {
            workers.iter().all(|place| !fleet.is_ready(*place)).then_some(())
        });
        self.double(fault);
        engine("up", &["cassandra"]);
        self.fleet.until("workers that are ready again", PATIENCE, |fleet| {
            workers.iter().all(|place| fleet.is_ready(*place)).then_some(())
        });
    }

    /// The victim's line to the store, and that of everybody to the broker.
    fn lines(&self, victim: usize) -> [&Line; 2] {
        [&self.fleet.workers[victim].to_store, self.to_broker]
    }

    fn slow_network(&mut self, fault: &Fault, time: Duration) {
        let victim = self.victim(fault.victim);
        for line in self.lines(victim) {
            line.delay(Duration::from_millis(100));
        }
        self.fleet.pass(time);
        for line in self.lines(victim) {
            line.delay(Duration::ZERO);
        }
    }

    /// To one, to four, and back, while records come.
    fn scale(&mut self) {
        let share = 100;
        for place in self.fleet.folding().into_iter().skip(1) {
            self.fleet.stop(place);
        }
        self.progress(share);
        let mut gone: Vec<usize> = (0..self.fleet.workers.len()).collect();
        gone.retain(|place| *place != self.api && !self.fleet.awake().contains(place));
        for place in gone {
            self.fleet.launch(place);
        }
        while self.fleet.folding().len() < 4 {
            self.fleet.add("ingest,api");
        }
        self.progress(share);
        for place in self.fleet.folding().into_iter().skip(self.round.workers) {
            self.fleet.stop(place);
        }
    }

    fn stop_all(&mut self) {
        for place in self.fleet.folding() {
            self.ready(place);
            self.fleet.stop(place);
            self.fleet.launch(place);
        }
    }

    fn ready(&mut self, place: usize) {
        self.fleet.until("readiness", PATIENCE, |fleet| fleet.is_ready(place).then_some(()));
    }
}
