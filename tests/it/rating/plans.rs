//! Random versions, as plain data: written as TOML for the program, read by the slow rater.

use std::fmt::Write;

use proptest::prelude::*;

/// Thousandths of a second.
pub type Ms = i64;

#[derive(Clone, Debug)]
pub struct SlabSpec {
    pub from: Ms,
    pub rate: String,
    pub unit: i64,
    pub increment: Ms,
}

#[derive(Clone, Debug)]
pub struct BandSpec {
    /// Minutes of the day.
    pub at: i64,
    pub days: Vec<u32>,
    pub date: Option<(u32, u32)>,
    pub fee: String,
    pub slabs: Vec<SlabSpec>,
}

#[derive(Clone, Debug)]
pub struct RateSpec {
    pub prefix: &'static str,
    /// Seconds since 1970.
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub bands: Vec<BandSpec>,
}

#[derive(Clone, Debug)]
pub struct VersionSpec {
    pub rates: Vec<RateSpec>,
    pub mode: &'static str,
    pub decimals: u32,
    pub duration_rounding: &'static str,
    pub rule: &'static str,
    pub grace: Option<(Ms, &'static str)>,
    pub zone: &'static str,
    pub split: bool,
    pub min_cost: Option<String>,
    pub max_cost: Option<(String, &'static str)>,
    pub surcharge: Option<String>,
    pub usd: String,
}

#[derive(Clone, Debug)]
pub struct CallSpec {
    pub number: String,
    pub answered: bool,
    pub at_ms: i64,
    pub talk: Ms,
}

/// Days around which clocks change somewhere, and plain ones: 2026.
const DAYS: [i64; 7] = [
    1_774_742_400, // 03-29, Europe
    1_772_928_000, // 03-08, America
    1_775_260_800, // 04-04, Lord Howe ends half an hour of summer
    1_792_886_400, // 10-25, Europe
    1_767_225_600, // 01-01
    1_778_716_800, // 05-14
    1_772_150_400, // 02-27
];
const PREFIXES: [&str; 8] = ["*", "4", "44", "447", "4477", "1", "1202", "49"];

/// Any version and any call of it.
/// A version, and so many calls to rate by it.
pub fn version_and_calls(count: usize) -> impl Strategy<Value = (VersionSpec, Vec<CallSpec>)> {
    (version(), prop::collection::vec(call(), count))
}

pub fn version_and_call() -> impl Strategy<Value = (VersionSpec, CallSpec)> {
    (version(), call())
}

pub fn version() -> impl Strategy<Value = VersionSpec> {
    let rule = prop_oneof![
        6 => Just("slab"), 1 => Just("total_multiple"), 1 => Just("max_of")
    ];
    let zone = prop::sample::select(vec![
        "UTC",
        "Europe/London",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ]);
    (rule, any::<bool>(), zone).prop_flat_map(|(rule, split, zone)| {
        let split = split && rule == "slab";
        (rates(rule), terms()).prop_map(move |(rates, terms)| VersionSpec {
            rates,
            rule,
            zone,
            split,
            ..terms
        })
    })
}

fn terms() -> impl Strategy<Value = VersionSpec> {
    let mode = prop::sample::select(vec!["up", "down", "half_up", "half_even", "half_down"]);
    let duration = prop::sample::select(vec!["up", "down", "half_up", "half_down", "none"]);
    let decimals = prop_oneof![4 => 0..=6_u32, 1 => 7..=20_u32];
    let grace = prop::option::weighted(
        0.3,
        (0..8_000_i64, prop::sample::select(vec!["threshold", "deduct"])),
    );
    let max =
        prop::option::weighted(0.3, (5..20_u32, prop::sample::select(vec!["free", "disconnect"])));
    let min = prop::option::weighted(0.3, 0..=4_u32);
    let surcharge = prop::option::weighted(0.3, (0..1_000_u32, 0..10_000_u32));
    (mode, decimals, duration, grace, (min, max, surcharge), price()).prop_map(
        |(mode, decimals, duration_rounding, grace, (min, max, surcharge), usd)| VersionSpec {
            rates: Vec::new(),
            mode,
            decimals,
            duration_rounding,
            rule: "slab",
            grace,
            zone: "UTC",
            split: false,
            min_cost: min.map(|least| format!("{least}.05")),
            max_cost: max.map(|(most, strategy)| (most.to_string(), strategy)),
            surcharge: surcharge.map(|(whole, part)| format!("{whole}.{part:04}")),
            usd: if usd.bytes().all(|b| b == b'0' || b == b'.') { "1".to_owned() } else { usd },
        },
    )
}

/// One rate a prefix; some prefixes twice, the second from a later instant on.
fn rates(rule: &'static str) -> impl Strategy<Value = Vec<RateSpec>> {
    let window = prop::option::weighted(
        0.3,
        (prop::sample::select(DAYS.to_vec()), prop::option::of(1..200_i64)),
    );
    let rate = (prop::sample::select(PREFIXES.to_vec()), window, bands(rule));
    prop::collection::vec(rate, 1..5).prop_map(|rates| {
        let mut specs: Vec<RateSpec> = Vec::new();
        for (prefix, window, bands) in rates {
            let from = window.map(|(day, _)| day);
            let to = window.and_then(|(day, days)| days.map(|days| day + days * 86_400));
            if specs.iter().all(|other| (other.prefix, other.from) != (prefix, from)) {
                specs.push(RateSpec { prefix, from, to, bands });
            }
        }
        specs
    })
}

fn bands(rule: &'static str) -> impl Strategy<Value = Vec<BandSpec>> {
    let days = prop_oneof![
        3 => Just((1..=7).collect::<Vec<u32>>()),
        1 => prop::sample::subsequence((1..=7).collect::<Vec<u32>>(), 1..7),
    ];
    let date = prop::option::weighted(
        0.15,
        prop::sample::select(vec![(3, 29), (3, 8), (10, 25), (1, 1), (5, 14), (2, 28)]),
    );
    let at = prop_oneof![
        2 => Just(0_i64),
        3 => (0..24_i64).prop_map(|hour| hour * 60),
        1 => 0..1_440_i64,
    ];
    let band = (at, days, date, price(), slabs(rule))
        .prop_map(|(at, days, date, fee, slabs)| BandSpec { at, days, date, fee, slabs });
    prop::collection::vec(band, 1..5).prop_map(|bands| {
        let mut specs: Vec<BandSpec> = Vec::new();
        for band in bands {
            let same = |other: &BandSpec| {
                (other.at, &other.days, other.date) == (band.at, &band.days, band.date)
            };
            if !specs.iter().any(same) {
                specs.push(band);
            }
        }
        specs
    })
}

/// For the two rules that know no slabs: what the short form makes of minimum and increment.
fn slabs(rule: &'static str) -> BoxedStrategy<Vec<SlabSpec>> {
    let unit = prop_oneof![3 => Just(60_i64), 1 => Just(1_i64), 2 => 1..=86_400_i64];
    let increment = prop_oneof![
        4 => prop::sample::select(vec![1_000, 6_000, 30_000, 60_000, 18_000, 7_000_i64]),
        1 => 100..90_000_i64,
    ];
    let slab = (1..120_000_i64, price(), unit.clone(), increment.clone());
    if rule != "slab" {
        let short = (price(), unit, increment.clone(), increment);
        return short
            .prop_map(|(rate, unit, minimum, further)| {
                let first = SlabSpec { from: 0, rate: rate.clone(), unit, increment: minimum };
                let second = SlabSpec { from: minimum, rate, unit, increment: further };
                if minimum == further { vec![first] } else { vec![first, second] }
            })
            .boxed();
    }
    prop::collection::vec(slab, 1..6)
        .prop_map(|slabs| {
            let mut from = 0;
            let place = |(step, rate, unit, increment)| {
                let spec = SlabSpec { from, rate, unit, increment };
                from += step;
                spec
            };
            slabs.into_iter().map(place).collect()
        })
        .boxed()
}

/// Few digits, many digits, and none.
fn price() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("0".to_owned()),
        5 => (0..2_u32, 0..10_000_u32).prop_map(|(whole, part)| format!("{whole}.{part:04}")),
        2 => (0..10_000_u32, 0..1_000_000_000_u32)
            .prop_map(|(whole, part)| format!("{whole}.{part:09}")),
    ]
}

fn call() -> impl Strategy<Value = CallSpec> {
    let number = prop_oneof![
        8 => prop::sample::select(vec![
            "+447700900123", "+442079460018", "+12025550143", "+4930123456", "+15550100", "+33"
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["447700900123", "+0447", "+4", "+44x", "", "+4477009001234567"])
            .prop_map(str::to_owned),
    ];
    let at = (prop::sample::select(DAYS.to_vec()), -50_000..120_000_i64, 0..1_000_i64)
        .prop_map(|(day, seconds, ms)| (day + seconds) * 1_000 + ms);
    let talk = prop_oneof![
        1 => -2_000..2_000_i64,
        4 => 0..200_000_i64,
        2 => (0..20_000_i64).prop_map(|seconds| seconds * 1_000),
        1 => (0..200_i64).prop_map(|half_seconds| half_seconds * 500),
    ];
    (number, prop::bool::weighted(0.9), at, talk)
        .prop_map(|(number, answered, at_ms, talk)| CallSpec { number, answered, at_ms, talk })
}

fn seconds(ms: Ms) -> String {
    format!("\"{}.{:03}\"", ms / 1_000, ms % 1_000)
}

fn instant(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl VersionSpec {
    /// The file that says so: a plan in euro, for everyone, from 1970 on.
    pub fn toml(&self) -> String {
        let mut text = format!(
            "format = \"ringfold-tariff-1\"\n[[assign]]\nplan = \"p\"\neffective_from = \
             1970-01-01T00:00:00Z\n[[exchange]]\ncurrency = \"EUR\"\nusd = \"{}\"\neffective_from \
             = 1970-01-01T00:00:00Z\n[[plan]]\nid = \"p\"\ncurrency = \"EUR\"\n[[plan.version]]\n\
             number = 1\neffective_from = 1970-01-01T00:00:00Z\n",
            self.usd
        );
        let mut add = |line: String| writeln!(text, "{line}").unwrap();
        add(format!("rounding = {{ mode = \"{}\", decimals = {} }}", self.mode, self.decimals));
        add(format!("duration_rounding = \"{}\"", self.duration_rounding));
        add(format!("increment_rule = \"{}\"\ntime_zone = \"{}\"", self.rule, self.zone));
        add(format!("time_of_day = \"{}\"", if self.split { "split" } else { "answer" }));
        if let Some((grace, mode)) = &self.grace {
            add(format!("grace = {{ seconds = {}, mode = \"{mode}\" }}", seconds(*grace)));
        }
        if let Some(least) = &self.min_cost {
            add(format!("min_cost = \"{least}\""));
        }
        if let Some((most, strategy)) = &self.max_cost {
            add(format!("max_cost = {{ amount = {most}, strategy = \"{strategy}\" }}"));
        }
        if let Some(percent) = &self.surcharge {
            add(format!("surcharge_percent = \"{percent}\""));
        }
        for rate in &self.rates {
            add(self.rate(rate));
        }
        text
    }

    fn rate(&self, rate: &RateSpec) -> String {
        let mut text = format!("[[plan.version.rate]]\nprefix = \"{}\"\n", rate.prefix);
        if let Some(from) = rate.from {
            writeln!(text, "effective_from = {}", instant(from)).unwrap();
        }
        if let Some(to) = rate.to {
            writeln!(text, "effective_to = {}", instant(to)).unwrap();
        }
        for band in &rate.bands {
            let (hour, minute) = (band.at / 60, band.at % 60);
            write!(text, "[[plan.version.rate.band]]\nat = \"{hour:02}:{minute:02}\"\n").unwrap();
            writeln!(text, "days = {:?}\nconnect_fee = \"{}\"", band.days, band.fee).unwrap();
            if let Some((month, day)) = band.date {
                writeln!(text, "date = \"{month:02}-{day:02}\"").unwrap();
            }
            text.push_str(&self.prices(&band.slabs));
        }
        text
    }

    fn prices(&self, slabs: &[SlabSpec]) -> String {
        if self.rule != "slab" {
            let (first, last) = (&slabs[0], &slabs[slabs.len() - 1]);
            let (minimum, increment) = (seconds(first.increment), seconds(last.increment));
            return format!(
                "rate = \"{}\"\nunit = {}\nminimum = {minimum}\nincrement = {increment}\n",
                first.rate, first.unit
            );
        }
        let slabs = slabs.iter().map(|slab| {
            let (from, increment) = (seconds(slab.from), seconds(slab.increment));
            format!(
                "{{ from = {from}, rate = \"{}\", unit = {}, increment = {increment} }}",
                slab.rate, slab.unit
            )
        });
        format!("slabs = [{}]\n", slabs.collect::<Vec<_>>().join(", "))
    }
}
