//! Who is there: projects with their users, rules and gateways. All of it follows from the seed;
//! nothing is kept. Numbers are from ranges reserved for fiction.

use super::super::random::Random;

/// Projects, users, rules and gateways.
#[derive(Clone, Debug)]
pub(super) struct World {
    seed: u64,
    projects: u64,
}

/// A gateway instance.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Gateway {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its kind as text.
    pub(super) kind_text: &'static str,
    /// Its name.
    pub(super) instance: &'static str,
    /// The process life it tells of.
    pub(super) boot: &'static str,
    /// Currency of its carrier's prices; `None` = it tells none.
    pub(super) currency: Option<&'static str>,
}

/// Whose words a gateway uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Twilio,
    Vonage,
    Telnyx,
    Asterisk,
    Freeswitch,
}

const fn gateway(
    kind: Kind,
    kind_text: &'static str,
    instance: &'static str,
    currency: Option<&'static str>,
) -> Gateway {
    Gateway { kind, kind_text, instance, boot: "b01", currency }
}

/// All gateways.
pub(super) static GATEWAYS: [Gateway; 8] = [
    gateway(Kind::Twilio, "twilio", "us1", Some("USD")),
    gateway(Kind::Twilio, "twilio", "ie1", Some("USD")),
    gateway(Kind::Vonage, "vonage", "eu-1", Some("EUR")),
    gateway(Kind::Telnyx, "telnyx", "chicago", Some("USD")),
    gateway(Kind::Asterisk, "asterisk", "pbx-1", None),
    gateway(Kind::Asterisk, "asterisk", "pbx-2", None),
    gateway(Kind::Freeswitch, "freeswitch", "fs-a", None),
    gateway(Kind::Freeswitch, "freeswitch", "fs-b", None),
];

/// A phone number: a prefix and its last digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Number {
    pub(super) prefix: &'static str,
    pub(super) tail: u16,
    pub(super) tail_digits: u8,
}

/// Prefix, first tail, how many, digits of the tail.
const NUMBERS: [(&str, u16, u16, u8); 4] = [
    ("+1202555", 100, 100, 4),
    ("+1415555", 100, 100, 4),
    ("+447700900", 0, 1_000, 3),
    ("+493023125", 0, 1_000, 3),
];

const PROJECT: u64 = 1;
const USER: u64 = 2;
const RULE: u64 = 3;

impl World {
    pub(super) fn new(seed: u64, projects: u32) -> Self {
        Self { seed, projects: u64::from(projects.max(1)) }
    }

    /// Some project; the first ones have the most calls.
    pub(super) fn some_project(&self, random: &mut Random) -> u64 {
        let (a, b) = (random.below(self.projects), random.below(self.projects));
        // The lesser of two: the first of n projects gets about 2/n of the calls.
        a.min(b)
    }

    pub(super) fn project_id(&self, project: u64) -> [u8; 16] {
        Random::of(self.seed, PROJECT, project).uuid_v4()
    }

    /// The gateway of a call: a project has two.
    pub(super) fn gateway(&self, project: u64, random: &mut Random) -> &'static Gateway {
        let first = Random::of(self.seed, PROJECT, project).next();
        let second = u64::from(random.percent(25)) * 3;
        let count = u64::try_from(GATEWAYS.len()).unwrap_or(1);
        let at = usize::try_from((first + second) % count).unwrap_or(0);
        GATEWAYS.get(at).unwrap_or(&GATEWAYS[0])
    }

    /// Number of rules of a project's policy.
    pub(super) fn rules(&self, project: u64) -> u64 {
        Random::of(self.seed, RULE, project).between(2, 4)
    }

    pub(super) fn rule_id(&self, project: u64, rule: u64) -> [u8; 16] {
        Random::of(self.seed, RULE, project * 16 + rule + 1).uuid_v4()
    }

    /// Some user whom a rule names, and the number of the user.
    pub(super) fn some_user(
        &self,
        project: u64,
        rule: u64,
        random: &mut Random,
    ) -> ([u8; 16], Number) {
        let mut user = Random::of(self.seed, USER, project * 64 + rule * 8 + random.below(6));
        let id = user.uuid_v4();
        // Teams sit mostly in one country.
        let country = (project + u64::from(user.percent(10))) % 4;
        let (prefix, first, count, tail_digits) =
            NUMBERS.get(usize::try_from(country).unwrap_or(0)).copied().unwrap_or(NUMBERS[0]);
        let tail = first + u16::try_from(user.below(u64::from(count))).unwrap_or(0);
        (id, Number { prefix, tail, tail_digits })
    }
}
