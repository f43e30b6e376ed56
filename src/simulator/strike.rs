//! What strikes the processes that fold, and the engines behind them.

use std::time::Duration;

use tokio::time::Instant;

use super::fault::Fault;
use super::group::Group;
use super::trace::Actor;

impl Group {
    /// What strikes processes and engines in this step.
    pub(super) fn strike(&mut self) {
        const KINDS: [Fault; 10] = [
            Fault::Crash,
            Fault::CleanRestart,
            Fault::Freeze,
            Fault::Revoke,
            Fault::TwoOwners,
            Fault::Redelivery,
            Fault::ClockJump,
            Fault::StoreDown,
            Fault::StoreRefuses,
            Fault::LettersDown,
        ];
        for fault in KINDS {
            if self.random.percent(8) && self.hub.strikes(fault) {
                self.hub.trace(Actor::Group, format_args!("{}", fault.label()));
                self.strike_with(fault);
            }
        }
    }

    fn strike_with(&mut self, fault: Fault) {
        if matches!(fault, Fault::StoreDown | Fault::LettersDown | Fault::StoreRefuses) {
            let most = if fault == Fault::StoreRefuses { 3_000 } else { 8_000 };
            self.hub.last(fault, Duration::from_millis(self.random.between(100, most)));
        } else if matches!(fault, Fault::Revoke | Fault::TwoOwners | Fault::Redelivery) {
            self.rebalance(fault);
        } else {
            self.strike_process(fault);
        }
    }

    fn strike_process(&mut self, fault: Fault) {
        let at = usize::try_from(self.random.below(u64::from(self.hub.plan.workers))).unwrap_or(0);
        let span = Duration::from_millis(self.random.between(1, 15_000));
        let error_us = i64::try_from(self.random.below(1_200_000_000)).unwrap_or(0) - 600_000_000;
        let Some(process) = self.processes.get_mut(at) else { return };
        let Some(running) = process.running.as_mut() else { return };
        if fault == Fault::Crash {
            running.task.abort();
        } else if fault == Fault::CleanRestart {
            running.stop.cancel();
        } else if fault == Fault::Freeze {
            running.gate.close_until(Instant::now() + span);
            running.stopped_since = Some(Instant::now());
        } else {
            process.clock.jump(error_us);
        }
    }

    fn rebalance(&mut self, fault: Fault) {
        let partitions = self.hub.broker.partitions();
        let Some(partition) = self.random.pick(&partitions).copied() else { return };
        let Some(owner) = self.hub.broker.owner(partition) else { return };
        if fault == Fault::Redelivery {
            self.hub.broker.assign(owner, &[partition]);
            return;
        }
        let Some(heir) = self.some_heir(Some(owner)) else { return };
        if fault == Fault::Revoke {
            self.hub.broker.transfer(&[partition], heir);
        } else {
            self.seize(&[partition], (owner, heir));
        }
    }
}
