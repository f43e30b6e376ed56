//! Which plan, version, rate, band and exchange rate: the borders, to the microsecond.

use ringfold::tariff::{Book, RatedDial, Unrated, read_files};
use ringfold::value::{MicroUsd, Micros, ProjectId};

use super::cases::instant;
use super::sample::{call, plan};

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";

fn book(text: &str) -> Book {
    read_files(&[("t.toml", text)], &|_| None).unwrap().0
}

/// Plans whose price tells which one was taken: plan `pN` costs N dollars.
fn plans(count: u32, assignments: &str) -> Book {
    let mut text = format!("format = \"ringfold-tariff-1\"\n{assignments}\n");
    for number in 1..=count {
        let plan = format!(
            "[[plan]]\nid = \"p{number}\"\n[[plan.version]]\nnumber = 1\neffective_from = \
             2020-01-01T00:00:00Z\nrate = [{{ prefix = \"*\", rate = {number} }}]\n"
        );
        text.push_str(&plan);
    }
    book(&text)
}

fn assign(project: &str, gateway: &str, plan: u32, from: &str) -> String {
    format!(
        "[[assign]]\nproject = \"{project}\"\ngateway = \"{gateway}\"\nplan = \"p{plan}\"\n\
         effective_from = {from}\n"
    )
}

fn dollars(book: &Book, dial: &RatedDial<'_>) -> Result<i64, Unrated> {
    book.rate(dial).map(|charge| charge.cost.get() / 1_000_000)
}

fn at(text: &str) -> RatedDial<'static> {
    RatedDial { at: instant(text), ..call("1") }
}

#[test]
fn the_most_exact_assignment_wins_before_the_later_one() {
    let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    let project = ProjectId::new(PROJECT.parse().unwrap());
    let all = [
        assign(PROJECT, "asterisk/pbx", 1, early),
        assign(PROJECT, "asterisk", 2, late),
        assign(PROJECT, "*", 3, late),
        assign("*", "asterisk/pbx", 4, late),
        assign("*", "asterisk", 5, late),
        assign("*", "*", 6, late),
    ];
    let dial = RatedDial { project, gateway: Some("asterisk/pbx"), ..at(late) };
    for dropped in 0..all.len() {
        let forward = all[dropped..].concat();
        let backward: String = all[dropped..].iter().rev().map(String::as_str).collect();
        for assignments in [forward, backward] {
            let taken = dollars(&plans(6, &assignments), &dial);
            assert_eq!(taken.map(usize::try_from), Ok(Ok(dropped + 1)));
        }
    }
}

#[test]
fn of_assignments_alike_the_later_begin_wins_then_the_later_in_the_file() {
    let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    let book = plans(3, &[assign("*", "*", 2, late), assign("*", "*", 1, early)].concat());
    assert_eq!(dollars(&book, &at(late)), Ok(2));
    assert_eq!(dollars(&book, &at("2026-01-01T23:59:59.999999Z")), Ok(1));
    assert_eq!(dollars(&book, &at(early)), Ok(1));
    assert_eq!(dollars(&book, &at("2025-12-31T23:59:59.999999Z")), Err(Unrated::NoTariff));
    let book = plans(3, &[assign("*", "*", 3, early), assign("*", "*", 1, early)].concat());
    assert_eq!(dollars(&book, &at(early)), Ok(1));
}

#[test]
fn of_versions_with_the_same_begin_the_higher_number_wins() {
    let version = |number: u32, from: &str| {
        format!(
            "[[plan.version]]\nnumber = {number}\neffective_from = {from}\nrate = [{{ prefix = \
             \"*\", rate = {number} }}]\n"
        )
    };
    let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    let head = assign("*", "*", 1, early);
    let text = [
        "format = \"ringfold-tariff-1\"\n",
        &head,
        "[[plan]]\nid = \"p1\"\n",
        &version(2, early),
        &version(3, early),
        &version(1, late),
    ]
    .concat();
    assert_eq!(dollars(&book(&text), &at(early)), Ok(3));
    // A later begin goes before a higher number.
    assert_eq!(dollars(&book(&text), &at(late)), Ok(1));
}

#[test]
fn a_rate_ends_before_its_last_instant() {
    let window = "effective_from = 2026-02-01T00:00:00Z, effective_to = 2026-03-01T00:00:00Z";
    let text = plan(&format!("rate = [{{ prefix = \"1202\", rate = 2, {window} }}]"));
    let wider = text.replace("rate = [", "rate = [{ prefix = \"1\", rate = 1 }, ");
    for (instant, narrow, wide) in [
        ("2026-01-31T23:59:59.999999Z", Err(Unrated::NoRate), 1),
        ("2026-02-01T00:00:00Z", Ok(2), 2),
        ("2026-02-28T23:59:59.999999Z", Ok(2), 2),
        ("2026-03-01T00:00:00Z", Err(Unrated::NoRate), 1),
    ] {
        assert_eq!(dollars(&book(&text), &at(instant)), narrow, "{instant}");
        assert_eq!(dollars(&book(&wider), &at(instant)), Ok(wide), "{instant}");
    }
}

#[test]
fn an_exchange_rate_applies_from_its_first_instant_on() {
    let exchange = |usd: u32, from: &str| {
        format!("[[exchange]]\ncurrency = \"EUR\"\nusd = {usd}\neffective_from = {from}\n")
    };
    let text = [
        "format = \"ringfold-tariff-1\"\n",
        &exchange(3, "2026-03-01T00:00:00Z"),
        &exchange(2, "2026-02-01T00:00:00Z"),
    ]
    .concat();
    let usd = |at: &str| book(&text).to_usd(1, "EUR", instant(at)).map(MicroUsd::get);
    assert_eq!(usd("2026-01-31T23:59:59.999999Z"), None);
    assert_eq!(usd("2026-02-01T00:00:00Z"), Some(2));
    assert_eq!(usd("2026-02-28T23:59:59.999999Z"), Some(2));
    assert_eq!(usd("2026-03-01T00:00:00Z"), Some(3));
    let book = book(&text);
    assert_eq!(book.to_usd(-3, "EUR", Micros::MAX).map(MicroUsd::get), Some(-9));
    assert_eq!(book.to_usd(3, "eur", Micros::MAX), None);
}

/// Dollars of half a micro go to the even one.
#[test]
fn dollars_are_rounded_half_to_even() {
    let text = "format = \"ringfold-tariff-1\"\n[[exchange]]\ncurrency = \"EUR\"\nusd = \"0.5\"\n\
                effective_from = 2026-01-01T00:00:00Z\n";
    for (micro, usd) in [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2), (4, 2)] {
        let found = book(text).to_usd(micro, "EUR", Micros::MAX).map(MicroUsd::get);
        assert_eq!(found, Some(usd), "{micro}");
    }
    for (rate, usd) in
        [("0.000001", 0), ("0.000003", 2), ("1.000001", 500_000), ("1.000003", 500_002)]
    {
        let version = format!("rate = [{{ prefix = \"*\", rate = \"{rate}\" }}]");
        let mut file = plan(&version).replace("id = \"p\"", "id = \"p\"\ncurrency = \"EUR\"");
        file.push_str(text.split_once('\n').unwrap().1);
        assert_eq!(book(&file).rate(&call("1")).unwrap().cost.get(), usd, "{rate}");
    }
}

/// In London the clocks go from 01:00 to 02:00 on 2026-03-29 and back from 02:00 to 01:00 on
/// 2026-10-25; a band begins half an hour later on either side.
#[test]
fn a_split_call_follows_the_clocks_when_they_change() {
    let version = |border: &str| {
        plan(&format!(
            "time_zone = \"Europe/London\"\ntime_of_day = \"split\"\n[[plan.version.rate]]\nprefix \
             = \"*\"\nband = [\n{{ at = \"00:00\", rate = 1, unit = 1, minimum = 1, increment = 1 \
             }},\n{{ at = \"{border}\", rate = 2, unit = 1, minimum = 1, increment = 1 }}]"
        ))
    };
    for (border, from, dear_seconds) in [
        // 00:30 local; 02:30 comes an hour of talk later, not two.
        ("02:30", "2026-03-29T00:30:00Z", 3_600),
        // 00:30 local; 01:30 is reached, left again when the clocks go back, and reached again.
        ("01:30", "2026-10-24T23:30:00Z", 1_800),
        ("01:30", "2026-10-25T00:30:00Z", 1_800 + 3_600),
        ("02:30", "2026-10-25T00:30:00Z", 0),
        // A plain day.
        ("02:30", "2026-05-14T00:30:00Z", 3_600),
    ] {
        let dial = RatedDial { at: instant(from), ..call("7200") };
        let cost = dollars(&book(&version(border)), &dial).unwrap();
        assert_eq!(cost - 7_200, dear_seconds, "{border} {from}");
    }
}

#[test]
fn a_day_without_an_early_band_has_no_price_for_its_early_hours() {
    let split = "time_of_day = \"split\"\n";
    let band = "[[plan.version.rate]]\nprefix = \"*\"\nband = [{ at = \"08:00\", rate = 1 }]";
    let early = RatedDial { at: instant("2026-01-14T07:59:59.999999Z"), ..call("60") };
    let late = RatedDial { at: instant("2026-01-14T23:59:30Z"), ..call("61") };
    assert_eq!(dollars(&book(&plan(band)), &early), Err(Unrated::NoBand));
    assert_eq!(dollars(&book(&plan(band)), &late), Ok(2));
    // Its second minute begins on a day that has no band yet.
    assert_eq!(dollars(&book(&plan(&format!("{split}{band}"))), &late), Err(Unrated::NoBand));
    let free = RatedDial { answered: false, ..early };
    assert_eq!(dollars(&book(&plan(band)), &free), Ok(0));
}

/// A gateway that says a call began in the year 1 holds nobody up.
#[test]
fn a_call_is_split_into_ten_thousand_stretches_and_no_more() {
    let band = |hour: u32| format!("{{ at = \"{hour:02}:00\", rate = {hour}, increment = 60 }}");
    let bands = (0..24).map(band).collect::<Vec<_>>().join(", ");
    let version =
        format!("time_of_day = \"split\"\n[[plan.version.rate]]\nprefix = \"*\"\nband = [{bands}]");
    let book = book(&plan(&version));
    let hours = |hours: i64| {
        let seconds = (hours * 3_600).to_string();
        book.rate(&RatedDial { at: instant("2026-01-14T00:00:00Z"), ..call(&seconds) })
    };
    // 416 days cost 60 times the hours of a day, and 16 hours more.
    let exact = 60 * (416 * (0..24).sum::<i64>() + (0..16).sum::<i64>());
    assert_eq!(hours(10_000).unwrap().cost.get(), exact * 1_000_000);
    assert_eq!(hours(10_001).unwrap_err(), Unrated::Overflow);
    assert_eq!(hours(2_000_000_000).unwrap_err(), Unrated::Overflow);
}
