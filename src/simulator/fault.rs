//! What may go wrong in a world, and how often; drawn from its seed. Gateways do their share of it
//! on purpose.

use super::random::Random;

/// One kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Fault {
    LogSlow,
    CommitRefused,
    LastCommitRefused,
    MetadataMissing,
    Redelivery,
    OffsetGap,
    Revoke,
    TwoOwners,
    WriteSlow,
    WriteNotApplied,
    WriteAnswerLost,
    WriteRequestLost,
    WriteLate,
    WriteOverloaded,
    WriteTooLarge,
    ReadSlow,
    ReadUnavailable,
    ShortPage,
    StoreDown,
    StoreRefuses,
    Crash,
    CleanRestart,
    Freeze,
    ApiCrash,
    ApiFreeze,
    ClockJump,
    ClockDrift,
    RecordTimeJump,
    LettersDown,
    LettersAnswerLost,
    Disorder,
    Duplicate,
    MissingStart,
    MissingAnswer,
    MissingEnd,
    LateCost,
    CorrectedEnd,
    CorrectedAnswer,
    StartMeasuredAgain,
    ClockAhead,
    ClockFarAhead,
    Unreadable,
    LargeRecord,
    OldDial,
}

/// Every kind with its stable name.
pub(super) const FAULTS: [(Fault, &str); 44] = [
    (Fault::LogSlow, "log slow"),
    (Fault::CommitRefused, "commit refused"),
    (Fault::LastCommitRefused, "last commit refused"),
    (Fault::MetadataMissing, "offset metadata missing"),
    (Fault::Redelivery, "delivered again from the commit"),
    (Fault::OffsetGap, "offset gap"),
    (Fault::Revoke, "revoke"),
    (Fault::TwoOwners, "two owners"),
    (Fault::WriteSlow, "write slow"),
    (Fault::WriteNotApplied, "write not applied"),
    (Fault::WriteAnswerLost, "write applied, answer lost"),
    (Fault::WriteRequestLost, "write lost, outcome unknown"),
    (Fault::WriteLate, "write applied later, outcome unknown"),
    (Fault::WriteOverloaded, "store overloaded"),
    (Fault::WriteTooLarge, "batch refused as too large"),
    (Fault::ReadSlow, "read slow"),
    (Fault::ReadUnavailable, "read not answered"),
    (Fault::ShortPage, "short page"),
    (Fault::StoreDown, "store down"),
    (Fault::StoreRefuses, "store refuses rights or schema"),
    (Fault::Crash, "crash"),
    (Fault::CleanRestart, "clean restart"),
    (Fault::Freeze, "worker stopped and continued"),
    (Fault::ApiCrash, "api crash"),
    (Fault::ApiFreeze, "api stopped and continued"),
    (Fault::ClockJump, "wall clock jumps"),
    (Fault::ClockDrift, "wall clock drifts"),
    (Fault::RecordTimeJump, "record time jumps"),
    (Fault::LettersDown, "dead letters down"),
    (Fault::LettersAnswerLost, "dead letter kept, answer lost"),
    (Fault::Disorder, "event disordered"),
    (Fault::Duplicate, "event repeated"),
    (Fault::MissingStart, "start missing"),
    (Fault::MissingAnswer, "answer missing"),
    (Fault::MissingEnd, "end missing"),
    (Fault::LateCost, "cost late"),
    (Fault::CorrectedEnd, "end corrected, saying less"),
    (Fault::CorrectedAnswer, "answer corrected"),
    (Fault::StartMeasuredAgain, "start measured again"),
    (Fault::ClockAhead, "gateway clock ahead"),
    (Fault::ClockFarAhead, "gateway clock ahead beyond the limit"),
    (Fault::Unreadable, "unreadable record"),
    (Fault::LargeRecord, "record of more than 1 MiB"),
    (Fault::OldDial, "dial of days ago"),
];

impl Fault {
    /// The stable name.
    pub(super) fn label(self) -> &'static str {
        FAULTS.iter().find(|(fault, _)| *fault == self).map_or("", |(_, label)| label)
    }
}

/// How often each kind strikes where it may, in thousandths.
#[derive(Clone, Debug)]
pub(super) struct Rates([u16; FAULTS.len()]);

impl Rates {
    /// One seed in ten has no faults at all; in the others each kind is left out by a third.
    pub(super) fn draw(random: &mut Random) -> Self {
        if random.percent(10) {
            return Self([0; FAULTS.len()]);
        }
        Self(std::array::from_fn(|_| {
            if random.percent(35) {
                return 0;
            }
            match random.below(4) {
                0 => 10,
                1 => 40,
                2 => 120,
                _ => 300,
            }
        }))
    }

    /// In thousandths.
    pub(super) fn of(&self, fault: Fault) -> u16 {
        self.0.get(fault as usize).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_place_under_a_name_of_its_own() {
        for (place, (fault, _)) in FAULTS.iter().enumerate() {
            assert_eq!(*fault as usize, place);
        }
        let names: std::collections::BTreeSet<&str> =
            FAULTS.iter().map(|(_, name)| *name).collect();
        assert_eq!(names.len(), FAULTS.len());
    }
}
