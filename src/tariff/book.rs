//! Everything loaded: which plan bills whom, which version and which exchange rate is in force
//! at an instant. It does not rate (`charge.rs`) and reads no file (`source.rs`).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::value::{MicroUsd, Micros, ProjectId};

use super::charge::{Bill, Numbers, Talk};
use super::explain::{self, Silent, Trace};
use super::money::{Currency, Decimal, Price, Seconds};
use super::plan::{Plan, Version};
use super::rounding::{Mode, Rest};
use super::unrated::Unrated;

/// What the tariff files say, in the order they say it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tariff {
    /// Plans with all their versions.
    pub plans: Vec<Plan>,
    /// Who is billed by what.
    pub assignments: Vec<Assignment>,
    /// Exchange rates to the US dollar.
    pub exchanges: Vec<Exchange>,
}

/// From an instant on, dials of a project through a gateway are billed by a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// `None` = every project.
    pub project: Option<ProjectId>,
    /// Which gateways.
    pub gateway: Gateway,
    /// Id of the plan.
    pub plan: Arc<str>,
    /// First instant.
    pub effective_from: Micros,
    /// Whether it may change the cost of past items.
    pub backdate: bool,
}

/// The gateways an assignment is for; the later in this order is the more exact.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gateway {
    /// All, and dials that name none.
    Any,
    /// All of a kind.
    Kind(Box<str>),
    /// One: `kind/instance`.
    Instance(Box<str>),
}

impl Gateway {
    fn fits(&self, gateway: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Instance(exact) => gateway == Some(exact),
            Self::Kind(kind) => gateway
                .and_then(|gateway| gateway.split('/').next())
                .is_some_and(|gateway_kind| gateway_kind == &**kind),
        }
    }

    const fn exactness(&self) -> u8 {
        match self {
            Self::Any => 0,
            Self::Kind(_) => 1,
            Self::Instance(_) => 2,
        }
    }
}

/// From an instant on, one unit of a currency is worth so many US dollars.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// Not USD.
    pub currency: Currency,
    /// US dollars.
    pub usd: Price,
    /// First instant.
    pub effective_from: Micros,
    /// Whether it may change the cost of past items.
    pub backdate: bool,
}

/// Everything loaded: plans, assignments, exchange rates. Empty by default: nothing is rated.
#[derive(Clone, Debug, Default)]
pub struct Book {
    tariff: Tariff,
    /// Versions of a plan, the latest first.
    versions: BTreeMap<Arc<str>, Arc<[Arc<Version>]>>,
    /// The most exact assignment first.
    by_project: BTreeMap<ProjectId, Vec<Assigned>>,
    by_default: Vec<Assigned>,
    /// The latest first.
    exchanges: BTreeMap<Currency, Vec<(Micros, Price)>>,
}

#[derive(Clone, Debug)]
struct Assigned {
    gateway: Gateway,
    effective_from: Micros,
    currency: Currency,
    versions: Arc<[Arc<Version>]>,
}

/// A dial as far as its price depends on it. No `Debug` of the number: it is personal.
#[derive(Clone, Copy)]
pub struct RatedDial<'a> {
    /// Whose dial.
    pub project: ProjectId,
    /// `kind/instance`, `kind` or `/instance`, as the item keeps it.
    pub gateway: Option<&'a str>,
    /// The dialed number.
    pub phone: Option<&'a str>,
    /// Whether somebody answered.
    pub answered: bool,
    /// When it was answered, else started: decides version, rate, band and exchange rate.
    pub at: Micros,
    /// Microseconds of talk; negative counts as 0.
    pub talk_micros: i64,
}

impl fmt::Debug for RatedDial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RatedDial(of {}, {} us at {:?})", self.project, self.talk_micros, self.at)
    }
}

impl<'a> RatedDial<'a> {
    const fn talk(&self) -> Talk<'a> {
        Talk { number: self.phone, answered: self.answered, at: self.at, micros: self.talk_micros }
    }
}

/// What a dial costs, as its item keeps it. Cloning the texts does not allocate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charge {
    /// In micro-USD, half-even where digits are left over.
    pub cost: MicroUsd,
    /// Billed milliseconds.
    pub billed_ms: i64,
    /// `plan@version`.
    pub tariff: Arc<str>,
    /// The prefix that matched; `*` matches all.
    pub prefix: Arc<str>,
}

/// A charge with all that a person may ask about it.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Id of the plan.
    pub plan: Arc<str>,
    /// Number of the version.
    pub version: u32,
    /// The plan's currency.
    pub currency: Currency,
    /// In that currency, after the one rounding. Prints as the shortest exact decimal.
    pub cost: Decimal,
    /// Prints as the shortest exact decimal.
    pub billed: Seconds,
    /// The prefix that matched.
    pub prefix: Arc<str>,
    /// The band at the answer, in words; `None` where the rule ended before it.
    pub band: Option<String>,
    /// In dollars; `None` = the currency has no exchange rate then.
    pub usd: Option<MicroUsd>,
}

/// What came out, and how.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The charge, or why there is none. A missing exchange rate shows in [`Detail::usd`] alone.
    pub outcome: Result<Detail, Unrated>,
    /// The steps taken, in words.
    pub steps: Vec<String>,
}

impl Book {
    /// Orders and indexes what was read. Assignments to unknown plans rate nothing.
    pub fn new(tariff: Tariff) -> Self {
        let mut book = Self::default();
        let mut currencies = BTreeMap::new();
        for plan in &tariff.plans {
            let mut versions = plan.versions.clone();
            versions.sort_by_key(|v| Reverse((v.head().effective_from, v.head().number)));
            currencies.insert(Arc::clone(&plan.id), plan.currency);
            book.versions.insert(Arc::clone(&plan.id), versions.into());
        }
        for assignment in &tariff.assignments {
            let assigned = Assigned {
                gateway: assignment.gateway.clone(),
                effective_from: assignment.effective_from,
                currency: currencies.get(&assignment.plan).copied().unwrap_or(Currency::USD),
                versions: book.versions.get(&assignment.plan).cloned().unwrap_or_default(),
            };
            match assignment.project {
                Some(project) => book.by_project.entry(project).or_default().push(assigned),
                None => book.by_default.push(assigned),
            }
        }
        for list in book.by_project.values_mut().chain(std::iter::once(&mut book.by_default)) {
            // Stable from behind: of two alike, the later in the file comes first.
            list.reverse();
            list.sort_by_key(|a| Reverse((a.gateway.exactness(), a.effective_from)));
        }
        for exchange in tariff.exchanges.iter().rev() {
            let known = book.exchanges.entry(exchange.currency).or_default();
            known.push((exchange.effective_from, exchange.usd));
        }
        for known in book.exchanges.values_mut() {
            known.sort_by_key(|(from, _)| Reverse(*from));
        }
        book.tariff = tariff;
        book
    }

    /// What was read, in the order of the files.
    pub const fn tariff(&self) -> &Tariff {
        &self.tariff
    }

    /// Rates one dial, in dollars.
    pub fn rate(&self, dial: &RatedDial<'_>) -> Result<Charge, Unrated> {
        let (assigned, version) = self.version(dial)?;
        self.charge(version, assigned.currency, dial)
    }

    /// Rates one dial by the version of a label (`plan@number`), whatever is assigned or in force;
    /// `None` = no such version. So a rating can be made again as it was made.
    pub fn rate_by(&self, label: &str, dial: &RatedDial<'_>) -> Option<Result<Charge, Unrated>> {
        let (plan, _number) = label.rsplit_once('@')?;
        let currency = self.tariff.plans.iter().find(|known| &*known.id == plan)?.currency;
        let version = self.versions.get(plan)?.iter().find(|known| &**known.label() == label)?;
        Some(self.charge(version, currency, dial))
    }

    fn charge(
        &self,
        version: &Version,
        currency: Currency,
        dial: &RatedDial<'_>,
    ) -> Result<Charge, Unrated> {
        let bill = version.rate(&dial.talk(), Numbers::E164)?;
        let cost = self.usd(bill.cost, currency, dial.at)?;
        Ok(Charge {
            cost: cost.ok_or(Unrated::NoExchangeRate)?,
            billed_ms: bill.billed.micros().div_euclid(1_000),
            tariff: Arc::clone(version.label()),
            prefix: Arc::clone(bill.prefix()),
        })
    }

    /// `plan@version` that is asked for the dial's price, also where it has none to give.
    pub fn asked(&self, dial: &RatedDial<'_>) -> Option<Arc<str>> {
        self.version(dial).ok().map(|(_, version)| Arc::clone(version.label()))
    }

    /// Rates one dial in its plan's currency.
    pub fn detail(&self, dial: &RatedDial<'_>) -> Result<Detail, Unrated> {
        self.detail_traced(dial, &mut Silent)
    }

    /// Rates one dial in its plan's currency and says each step.
    pub fn explain(&self, dial: &RatedDial<'_>) -> Explained {
        let mut steps = Vec::new();
        let outcome = self.detail_traced(dial, &mut steps);
        if let Err(reason) = &outcome {
            steps.push(format!("not rated: {}", reason.label()));
        }
        Explained { outcome, steps }
    }

    /// USD micro value of `micro` millionths of `currency` at `at`, half-even once. `None` = no
    /// exchange rate then, or a value beyond 64 bits. USD needs none.
    pub fn to_usd(&self, micro: i64, currency: &str, at: Micros) -> Option<MicroUsd> {
        let currency = Currency::parse(currency)?;
        if currency == Currency::USD {
            return Some(MicroUsd::new(micro));
        }
        let usd = i128::from(self.exchange(currency, at)?.nanos());
        let size = i128::from(micro).checked_abs()?.checked_mul(usd)?;
        let size = i64::try_from(divide_half_even(size, 1_000_000_000)?).ok()?;
        Some(MicroUsd::new(if micro < 0 { size.checked_neg()? } else { size }))
    }

    fn detail_traced<T: Trace>(
        &self,
        dial: &RatedDial<'_>,
        trace: &mut T,
    ) -> Result<Detail, Unrated> {
        let (assigned, version) = self.version(dial)?;
        let currency = assigned.currency;
        trace.say(|| explain::plan(version, currency));
        let bill: Bill<'_> = version.rate_traced(&dial.talk(), Numbers::E164, trace)?;
        let usd = self.usd(bill.cost, currency, dial.at)?;
        trace.say(|| explain::dollars(currency, self.exchange(currency, dial.at), usd));
        Ok(Detail {
            plan: Arc::clone(&version.head().plan),
            version: version.head().number,
            currency,
            cost: bill.cost,
            billed: bill.billed,
            prefix: Arc::clone(bill.prefix()),
            band: bill.band.map(explain::band_name),
            usd,
        })
    }

    /// The assignment that fits best, and its version in force.
    fn version(&self, dial: &RatedDial<'_>) -> Result<(&Assigned, &Version), Unrated> {
        let own = self.by_project.get(&dial.project).map(Vec::as_slice).unwrap_or_default();
        let assigned = own
            .iter()
            .chain(&self.by_default)
            .find(|a| a.effective_from <= dial.at && a.gateway.fits(dial.gateway))
            .ok_or(Unrated::NoTariff)?;
        let in_force = assigned.versions.iter().find(|v| v.head().effective_from <= dial.at);
        in_force.map(|version| (assigned, &**version)).ok_or(Unrated::NoTariff)
    }

    fn exchange(&self, currency: Currency, at: Micros) -> Option<Price> {
        let known = self.exchanges.get(&currency)?;
        known.iter().find(|(from, _)| *from <= at).map(|(_, usd)| *usd)
    }

    /// Dollars of a rounded cost; `Ok(None)` = no exchange rate.
    fn usd(
        &self,
        cost: Decimal,
        currency: Currency,
        at: Micros,
    ) -> Result<Option<MicroUsd>, Unrated> {
        let usd = if currency == Currency::USD {
            Price::from_nanos(1_000_000_000)
        } else {
            let Some(usd) = self.exchange(currency, at) else { return Ok(None) };
            usd
        };
        micro_usd(cost, usd).map(Some).ok_or(Unrated::Overflow)
    }
}

/// Cost × price of the currency in micro-USD, half-even once; `None` beyond 64 bits.
fn micro_usd(cost: Decimal, usd: Price) -> Option<MicroUsd> {
    // (whole + fraction ÷ 10^n) × nanos ÷ 1,000; the whole part leaves at most 999 thousandths.
    let nanos = i128::from(usd.nanos());
    let scale = 10_i128.checked_pow(cost.places())?;
    let whole = cost.whole().checked_mul(nanos)?;
    let rest = whole.rem_euclid(1_000).checked_mul(scale)?;
    let rest = rest.checked_add(cost.fraction().checked_mul(nanos)?)?;
    let lot = scale.checked_mul(1_000)?;
    // Even or odd is decided by the last digit of the sum, so the whole part goes in before.
    let base = whole.div_euclid(1_000);
    let odd = base.rem_euclid(2).checked_mul(lot)?;
    let rounded = divide_half_even(rest.checked_add(odd)?, lot)?.checked_sub(base.rem_euclid(2))?;
    i64::try_from(base.checked_add(rounded)?).ok().map(MicroUsd::new)
}

/// `num` ≥ 0 ÷ `den` > 0, half-even.
fn divide_half_even(num: i128, den: i128) -> Option<i128> {
    let (quotient, rest) = (num.checked_div(den)?, num.checked_rem(den)?);
    let rest =
        if rest == 0 { Rest::Nothing } else { Rest::Part(rest.cmp(&den.checked_sub(rest)?)) };
    quotient.checked_add(Mode::HalfEven.carry(quotient, rest))
}
