//! Rating against its goals: a dial in 300 ns, the longest of 100,000 prefixes in 200 ns, a tariff
//! of so many loaded in a second. Beside each look-up stands a plain ordered map in the same run,
//! asked for every prefix from the longest on: the ratio holds on any machine.
//!
//! `cargo bench --locked --bench rating`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench fails by panicking, prints, and times"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ringfold::tariff::{
    Book, Columns, Numbers, RatedDial, SheetVersion, Talk, Tariff, Version, read_files, read_sheet,
    read_tariff,
};
use ringfold::value::{Micros, ProjectId};
use uuid::Uuid;

const PREFIXES: usize = 120_000;
const NUMBERS: usize = 4_096;
/// Numbers that are dialed again and again: the phones of a company's responders.
const WARM: usize = 512;
const ROUNDS: usize = 200;
/// The best of so many: the machine may be busy with something else.
const TRIES: usize = 7;

/// Xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Distinct prefixes of 1 to 9 digits, many of them beginning with another.
fn prefixes(random: &mut Random) -> Vec<String> {
    let mut found = std::collections::BTreeSet::new();
    while found.len() < PREFIXES {
        let digits = 1 + random.below(9);
        let text: String = (0..digits)
            .map(|place| {
                char::from(b'0' + u8::try_from(random.below(10)).unwrap().max(u8::from(place == 0)))
            })
            .collect();
        found.insert(text);
    }
    found.into_iter().collect()
}

fn sheet(prefixes: &[String]) -> String {
    let lines = prefixes
        .iter()
        .enumerate()
        .map(|(place, prefix)| format!("{prefix},name {place},0.{:04},30,6\n", place % 10_000));
    format!("prefix,name,rate,minimum,increment\n{}", lines.collect::<Vec<_>>().concat())
}

fn best(mut work: impl FnMut() -> Duration) -> Duration {
    (0..TRIES).map(|_| work()).min().unwrap()
}

/// Nanoseconds of one piece of work.
fn each(items: usize, mut work: impl FnMut(usize)) -> u128 {
    let time = best(|| {
        let started = Instant::now();
        for _ in 0..ROUNDS {
            for item in 0..items {
                work(item);
            }
        }
        started.elapsed()
    });
    time.as_nanos() / u128::try_from(items * ROUNDS).unwrap()
}

fn told(what: &str, found: u128, goal: u128, unit: &str) -> bool {
    let is_met = found <= goal;
    let verdict = if is_met { "met" } else { "NOT met" };
    println!("{what}: {found} {unit}, goal {goal} {unit}: {verdict}");
    is_met
}

/// Reads the sheet and indexes it, as a worker does at its start.
fn load(sheet: &str) -> (Duration, Tariff) {
    let version = SheetVersion {
        plan: "p",
        number: 1,
        currency: "USD",
        effective_from: "2026-01-01T00:00:00Z",
        backdate: false,
    };
    let mut tariff = None;
    let time = best(|| {
        let started = Instant::now();
        let read = read_sheet(&version, ("sheet.csv", sheet), &Columns::default()).unwrap().tariff;
        let book = Book::new(read);
        let time = started.elapsed();
        tariff = Some(book.tariff().clone());
        time
    });
    (time, tariff.unwrap())
}

/// Reads the parts that a registry keeps.
fn load_parts(tariff: &Tariff) -> Duration {
    let parts = tariff.parts();
    let files: Vec<(&str, &str)> = parts.iter().map(|part| (&*part.id, &*part.body)).collect();
    best(|| {
        let started = Instant::now();
        black_box(read_tariff(&files, &|_| None, &Tariff::default()).unwrap());
        started.elapsed()
    })
}

fn talk(number: &str) -> Talk<'_> {
    Talk { number: Some(number), answered: false, at: at(), micros: 0 }
}

fn at() -> Micros {
    Micros::from_ms(1_774_853_970_000)
}

fn look_ups(version: &Version, numbers: &[String], prefixes: &[String]) -> bool {
    let map: BTreeMap<&str, usize> =
        prefixes.iter().enumerate().map(|(place, prefix)| (prefix.as_str(), place)).collect();
    // An unanswered dial ends after the look-up: the number is read, the prefix is found.
    let found = each(numbers.len(), |place| {
        black_box(version.rate(&talk(black_box(&numbers[place])), Numbers::E164)).ok();
    });
    let plain = each(numbers.len(), |place| {
        let digits = black_box(&numbers[place]).get(1..).unwrap();
        let longest = (1..=digits.len()).rev().find_map(|end| map.get(digits.get(..end)?));
        black_box(longest);
    });
    println!(
        "the same by an ordered map, prefix after prefix: {plain} ns ({}.{} x)",
        plain / found.max(1),
        plain * 10 / found.max(1) % 10
    );
    told(&format!("longest of {PREFIXES} prefixes"), found, 200, "ns")
}

fn rate(book: &Book, numbers: &[String], what: &str) -> bool {
    told(what, rate_ns(book, numbers), 300, "ns")
}

fn rate_ns(book: &Book, numbers: &[String]) -> u128 {
    let dial = |number| RatedDial {
        project: ProjectId::new(Uuid::nil()),
        gateway: Some("twilio/us1"),
        phone: Some(number),
        answered: true,
        at: at(),
        talk_micros: 47_613_000,
    };
    each(numbers.len(), |place| {
        black_box(book.rate(&dial(black_box(&numbers[place])))).ok();
    })
}

fn main() -> ExitCode {
    let random = &mut Random(0x9E37_79B9_7F4A_7C15);
    let prefixes = prefixes(random);
    let numbers: Vec<String> = (0..NUMBERS)
        .map(|place| {
            let prefix = &prefixes[usize::try_from(random.below(prefixes.len() as u64)).unwrap()];
            let rest = format!("{:012}", place * 7_919);
            format!("+{}", &format!("{prefix}{rest}").get(..12).unwrap())
        })
        .collect();
    let sheet = sheet(&prefixes);
    let (time, mut tariff) = load(&sheet);
    let mut met =
        told(&format!("load of a sheet of {PREFIXES} lines"), time.as_millis(), 1_000, "ms");
    let time = load_parts(&tariff);
    met &=
        told(&format!("load of {PREFIXES} rates from the registry"), time.as_millis(), 1_000, "ms");
    let version = std::sync::Arc::clone(&tariff.plans[0].versions[0]);
    met &= look_ups(&version, &numbers, &prefixes);

    let assigned = "format = \"ringfold-tariff-1\"\n[[assign]]\nplan = \"p\"\n\
                    effective_from = 2026-01-01T00:00:00Z\n";
    tariff.join(&read_tariff(&[("a", assigned)], &|_| None, &tariff.clone()).unwrap().tariff);
    let book = Book::new(tariff);
    let few = numbers.get(..WARM).unwrap();
    met &= rate(
        &book,
        few,
        &format!("rating a dial of 47.613 s, {WARM} numbers, {PREFIXES} prefixes"),
    );
    let cold = rate_ns(&book, &numbers);
    println!("the same over {NUMBERS} numbers, more than the caches hold: {cold} ns");
    let sample = include_str!("../data/events/tariff.toml")
        .replace("b81d7c52-90ae-4f3c-8a6e-2f1c0d9e8b7a", &Uuid::nil().to_string())
        .replace("asterisk/pbx-2", "twilio/us1");
    let (book, _) = read_files(&[("tariff.toml", &sample)], &|_| None).unwrap();
    let german: Vec<String> = (0..64).map(|place| format!("+4930{place:07}")).collect();
    met &= rate(&book, &german, "rating a dial in euro with slabs, the sample's tariff");
    let london: Vec<String> = (0..64).map(|place| format!("+4420{place:08}")).collect();
    met &= rate(&book, &london, "rating a dial in euro with bands in London time");
    if met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
