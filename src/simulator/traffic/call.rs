//! One call from its first ring to its last price: rules in order, users rung one by one or at
//! once, until somebody answers, the caller gives up or the rules end.

use std::cmp::Ordering;

use super::super::random::Random;
use super::outcome::Outcome;
use super::world::{Gateway, Number, World};

/// One dial, as its events tell of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dial {
    pub(super) project: [u8; 16],
    pub(super) call: [u8; 16],
    pub(super) rule: [u8; 16],
    pub(super) user: [u8; 16],
    pub(super) number: Number,
    pub(super) gateway: &'static Gateway,
    pub(super) ring_timeout_s: u16,
    pub(super) started_ms: i64,
    /// What its own name is made of.
    pub(super) token: u64,
    pub(super) answered_ms: Option<i64>,
    pub(super) is_machine: bool,
    pub(super) outcome: Outcome,
    /// Millionths of the carrier's currency.
    pub(super) price_micro: u64,
    /// Events still to come.
    pub(super) pending: u32,
}

/// What an event says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    Started,
    Ringing,
    Answered,
    Ended,
    Cost,
}

/// An event to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Scheduled {
    /// When it arrives.
    pub(super) due_ms: i64,
    /// Of two that arrive at once, which first.
    pub(super) order: u64,
    /// Slot of the dial.
    pub(super) dial: u32,
    /// When it happened.
    pub(super) at_ms: i64,
    pub(super) what: What,
    /// Its number within the dial, from 1.
    pub(super) number: u8,
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due_ms, self.order).cmp(&(other.due_ms, other.order))
    }
}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Events of a dial, in the order they happen. A price has the time of the end.
pub(super) type Events = Vec<(What, i64)>;

/// What stays the same for all dials of a call.
struct Setting<'a> {
    world: &'a World,
    project: u64,
    project_id: [u8; 16],
    call: [u8; 16],
    gateway: &'static Gateway,
    /// When the caller gives up.
    patience_ms: i64,
}

/// The dials of one call.
pub(super) fn script(world: &World, random: &mut Random, start_ms: i64) -> Vec<(Dial, Events)> {
    let project = world.some_project(random);
    let setting = Setting {
        world,
        project,
        project_id: world.project_id(project),
        call: random.uuid_v7(start_ms),
        gateway: world.gateway(project, random),
        patience_ms: start_ms + ms(random, 15_000, 240_000),
    };
    let mut dials = Vec::new();
    let mut at_ms = start_ms + ms(random, 200, 1_500);
    for rule in 0..world.rules(project) {
        let at_once = if random.percent(15) { 2 } else { 1 };
        let (ended_ms, is_over) = setting.ring(random, (rule, at_ms), at_once, &mut dials);
        if is_over {
            break;
        }
        at_ms = ended_ms + ms(random, 500, 4_000);
    }
    dials
}

impl Setting<'_> {
    /// Rings users of a rule at once; when the last of them ended, and whether the call is over.
    fn ring(
        &self,
        random: &mut Random,
        (rule, at_ms): (u64, i64),
        at_once: usize,
        dials: &mut Vec<(Dial, Events)>,
    ) -> (i64, bool) {
        let first = dials.len();
        let mut won_ms = None;
        for _ in 0..at_once {
            let (mut dial, mut events) = self.dial(random, (rule, at_ms), won_ms);
            if won_ms.is_none() {
                won_ms = dial.answered_ms;
            }
            if dial.gateway.currency.is_some() && dial.answered_ms.is_some() {
                let ended_ms = events.last().map_or(at_ms, |(_, at)| *at);
                let talk_ms = ended_ms - dial.answered_ms.unwrap_or(ended_ms);
                let minutes = u64::try_from(talk_ms).unwrap_or(0).div_ceil(60_000);
                dial.price_micro = minutes * 13_000;
                events.push((What::Cost, ended_ms));
            }
            dials.push((dial, events));
        }
        let of_rule = dials.iter().skip(first);
        let ends = of_rule.clone().filter_map(|(_, events)| events.last().map(|(_, at)| *at));
        let hung_up = of_rule.clone().any(|(dial, _)| dial.outcome == Outcome::CallerHungUp);
        (ends.max().unwrap_or(at_ms), won_ms.is_some() || hung_up)
    }

    fn dial(
        &self,
        random: &mut Random,
        (rule, at_ms): (u64, i64),
        won_ms: Option<i64>,
    ) -> (Dial, Events) {
        let (user, number) = self.world.some_user(self.project, rule, random);
        let ring_timeout_s = u16::try_from(random.between(4, 8) * 5).unwrap_or(30);
        let mut dial = Dial {
            project: self.project_id,
            call: self.call,
            rule: self.world.rule_id(self.project, rule),
            user,
            number,
            gateway: self.gateway,
            ring_timeout_s,
            started_ms: at_ms + ms(random, 0, 40),
            token: random.next(),
            answered_ms: None,
            is_machine: random.percent(8),
            outcome: Outcome::some(random),
            price_micro: 0,
            pending: 0,
        };
        let events = self.events(random, &mut dial, won_ms);
        (dial, events)
    }

    fn events(&self, random: &mut Random, dial: &mut Dial, won_ms: Option<i64>) -> Events {
        let start_ms = dial.started_ms;
        let mut events = vec![(What::Started, start_ms)];
        let quick = matches!(dial.outcome, Outcome::Busy | Outcome::Failed | Outcome::Unreachable);
        let ring_ms = start_ms + ms(random, 700, 2_500);
        if !quick {
            events.push((What::Ringing, ring_ms));
        }
        let timeout_ms = start_ms + i64::from(dial.ring_timeout_s) * 1_000;
        let mut ended_ms = match dial.outcome {
            Outcome::Busy | Outcome::Failed | Outcome::Unreachable => {
                start_ms + ms(random, 900, 4_000)
            }
            Outcome::Rejected => ring_ms + ms(random, 1_500, 9_000),
            Outcome::Completed => (ring_ms + ms(random, 2_000, 18_000)).min(timeout_ms - 1),
            Outcome::NoAnswer | Outcome::CallerHungUp | Outcome::AnsweredElsewhere => {
                timeout_ms + ms(random, 0, 900)
            }
        };
        if let Some(won_ms) = won_ms.filter(|won_ms| *won_ms < ended_ms) {
            dial.outcome = Outcome::AnsweredElsewhere;
            ended_ms = (won_ms + ms(random, 50, 400)).max(ring_ms);
        } else if ended_ms > self.patience_ms.max(ring_ms) {
            dial.outcome = Outcome::CallerHungUp;
            ended_ms = self.patience_ms.max(ring_ms);
        } else if dial.outcome == Outcome::Completed {
            dial.answered_ms = Some(ended_ms);
            events.push((What::Answered, ended_ms));
            ended_ms += talk_ms(random);
        }
        events.push((What::Ended, ended_ms));
        events
    }
}

/// Most talks are short, some are long.
fn talk_ms(random: &mut Random) -> i64 {
    let longest = if random.percent(15) { 1_500_000 } else { 240_000 };
    ms(random, 4_000, longest)
}

fn ms(random: &mut Random, least: u64, most: u64) -> i64 {
    i64::try_from(random.between(least, most)).unwrap_or(0)
}
