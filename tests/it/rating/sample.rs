//! The sample tariff and the worked examples of the rating rule.

use ringfold::tariff::{Book, Charge, RatedDial, Seconds, Unrated, read_files};
use ringfold::value::{MicroUsd, Micros, ProjectId};

use super::cases::instant;

const SAMPLE: &str = include_str!("../../data/events/tariff.toml");
const EURO_PROJECT: &str = "b81d7c52-90ae-4f3c-8a6e-2f1c0d9e8b7a";
const DOLLAR_PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";

pub fn sample() -> Book {
    let (book, warnings) = read_files(&[("tariff.toml", SAMPLE)], &|_| None).unwrap();
    assert!(warnings.iter().all(|w| w.to_string().contains("no rate for `*`")), "{warnings:?}");
    book
}

fn dial<'a>(project: &str, gateway: &'a str, phone: &'a str, times: [&str; 2]) -> RatedDial<'a> {
    let [answered, ended] = times.map(instant);
    RatedDial {
        project: ProjectId::new(project.parse().unwrap()),
        gateway: Some(gateway),
        phone: Some(phone),
        answered: true,
        at: answered,
        talk_micros: ended.since(answered),
    }
}

fn british() -> RatedDial<'static> {
    let times = ["2026-03-29T06:10:45.118Z", "2026-03-29T06:11:32.731Z"];
    dial(EURO_PROJECT, "asterisk/pbx-2", "+442079460018", times)
}

#[test]
fn the_british_dial_of_the_sample_costs_3_689_cents() {
    let charge = sample().rate(&british()).unwrap();
    assert_eq!(charge.cost.cents().to_string(), "3.689");
    assert_eq!(
        (charge.billed_ms, &*charge.tariff, &*charge.prefix),
        (48_000, "eu-carrier@1", "44")
    );
    let detail = sample().detail(&british()).unwrap();
    assert_eq!(detail.cost.to_string(), "0.034");
    assert_eq!((detail.currency.as_str(), detail.billed.to_string().as_str()), ("EUR", "48"));
    assert_eq!(detail.band.as_deref(), Some("07:00"));
}

#[test]
fn each_step_of_the_british_dial_is_told() {
    let explained = sample().explain(&british());
    let steps = [
        "plan: eu-carrier@1 in EUR",
        "rate: longest prefix in force 44 (United Kingdom)",
        "duration: 47.613 s of talk, rounding up: 48 s",
        "grace: threshold 2 s: 48 s go on",
        "band: 07:00 at 2026-03-29 07:10:45 (day 7) Europe/London",
        "connect fee: 0.01",
        "slab: from 0 s 30 s in steps of 30 s at 0.03 per 60 s",
        "slab: from 30 s 18 s in steps of 6 s at 0.03 per 60 s",
        "billed: 48 s",
        "rounding: half_even at 6 decimals: 0.034",
        "in US dollars: 0.03689 at 1.085 per EUR",
    ];
    assert_eq!(explained.steps, steps);
}

#[test]
fn the_german_dial_of_the_sample_is_estimated_at_22126_micro_usd() {
    let times = ["2026-04-02T09:00:00.000Z", "2026-04-02T09:01:01.450Z"];
    let german = dial(EURO_PROJECT, "asterisk/pbx-2", "+4930123456", times);
    let charge = sample().rate(&german).unwrap();
    assert_eq!((charge.cost.get(), charge.billed_ms), (22_126, 62_000));
    let carrier = sample().to_usd(21_500, "EUR", german.at).unwrap();
    assert_eq!((carrier.get(), carrier.cents().to_string().as_str()), (23_205, "2.3205"));
}

#[test]
fn a_version_applies_from_its_first_instant_on() {
    let call = |times| {
        let dial = dial(DOLLAR_PROJECT, "twilio/us1", "+12025550143", times);
        sample().rate(&dial).map(|charge: Charge| (charge.cost.get(), charge.tariff.to_string()))
    };
    let before = call(["2026-03-31T23:59:59.999Z", "2026-04-01T00:01:05Z"]);
    assert_eq!(before, Ok((26_000, "us-carrier@1".to_owned())));
    let after = call(["2026-04-01T00:00:00Z", "2026-04-01T00:01:05Z"]);
    assert_eq!(after, Ok((31_000, "us-carrier@2".to_owned())));
    let too_early = call(["2025-12-31T23:59:59.999Z", "2026-01-01T00:01:05Z"]);
    assert_eq!(too_early, Err(Unrated::NoTariff));
}

#[test]
fn the_plan_follows_project_and_gateway() {
    let times = ["2026-03-29T06:10:45Z", "2026-03-29T06:11:32Z"];
    let plan = |project, gateway| {
        let dial = RatedDial { gateway, ..dial(project, "", "+442079460018", times) };
        sample().rate(&dial).map(|charge| charge.tariff.to_string())
    };
    let of = |plan: &str| Ok(plan.to_owned());
    assert_eq!(plan(EURO_PROJECT, Some("asterisk/pbx-2")), of("eu-carrier@1"));
    assert_eq!(plan(EURO_PROJECT, Some("twilio")), of("us-carrier@1"));
    assert_eq!(plan(DOLLAR_PROJECT, Some("twilio/us1")), of("us-carrier@1"));
    for gateway in [None, Some("asterisk/pbx-1"), Some("asterisk"), Some("/pbx-2"), Some("twilio2")]
    {
        assert_eq!(plan(EURO_PROJECT, gateway), Err(Unrated::NoTariff), "{gateway:?}");
    }
}

#[test]
fn a_dial_that_cannot_be_rated_has_a_reason() {
    let reason = |dial: RatedDial<'_>| sample().rate(&dial).unwrap_err();
    assert_eq!(reason(RatedDial { phone: None, ..british() }), Unrated::NoNumber);
    assert_eq!(reason(RatedDial { phone: Some("0207"), ..british() }), Unrated::InvalidNumber);
    assert_eq!(reason(RatedDial { phone: Some("+81"), ..british() }), Unrated::NoRate);
    assert_eq!(Book::default().rate(&british()), Err(Unrated::NoTariff));
    // A missing rate shows before it costs anything; an unanswered dial costs nothing.
    let unanswered = RatedDial { answered: false, ..british() };
    assert_eq!(reason(RatedDial { phone: Some("+81"), ..unanswered }), Unrated::NoRate);
    let free = sample().rate(&unanswered).unwrap();
    assert_eq!((free.cost.get(), free.billed_ms), (0, 0));
}

#[test]
fn a_plan_in_a_currency_without_a_rate_is_not_rated_in_dollars() {
    let without = SAMPLE.split("# ── one unit").next().unwrap();
    let (book, _) = read_files(&[("tariff.toml", without)], &|_| None).unwrap();
    assert_eq!(book.rate(&british()), Err(Unrated::NoExchangeRate));
    let detail = book.detail(&british()).unwrap();
    assert_eq!((detail.cost.to_string().as_str(), detail.usd), ("0.034", None));
    assert_eq!(book.to_usd(5, "EUR", Micros::MAX), None);
    assert_eq!(book.to_usd(5, "USD", Micros::MIN), Some(MicroUsd::new(5)));
    assert_eq!(sample().to_usd(i64::MAX, "EUR", Micros::MAX), None);
    assert_eq!(sample().to_usd(5, "EUR", instant("2025-12-31T23:59:59Z")), None);
}

/// Worked examples with the three increment rules: minimum and increment, rule, talk, billed.
#[test]
fn the_three_increment_rules_differ_where_the_increment_does_not_divide_the_minimum() {
    for (minimum, increment, talk, slab, total_multiple, max_of) in [
        (45, 25, 50, "70", "50", "50"),
        (15, 40, 10, "15", "15", "40"),
        (15, 40, 20, "55", "40", "40"),
        (30, 18, 31, "48", "36", "36"),
        (10, 30, 5, "10", "10", "30"),
        (30, 18, 30, "30", "30", "36"),
    ] {
        let rules = [("slab", slab), ("total_multiple", total_multiple), ("max_of", max_of)];
        for (rule, wanted) in rules {
            let version = format!(
                "increment_rule = \"{rule}\"\nrate = [{{ prefix = \"*\", rate = \"0.06\", \
                 minimum = {minimum}, increment = {increment} }}]"
            );
            let charge = rated(&version, &format!("{talk}")).unwrap();
            let billed = Seconds::from_micros(charge.billed_ms * 1_000).to_string();
            assert_eq!(billed, wanted, "{minimum}/{increment}, {talk} s, {rule}");
            assert_eq!(charge.cost.get(), charge.billed_ms, "0.06 a minute is a millicent a ms");
        }
    }
}

#[test]
fn what_lies_in_the_middle_goes_where_the_mode_says() {
    // 0.00125 a second: between 0.0012 and 0.0013.
    for (mode, wanted) in [
        ("up", 1_300),
        ("down", 1_200),
        ("half_up", 1_300),
        ("half_even", 1_200),
        ("half_down", 1_200),
    ] {
        let version = format!(
            "rounding = {{ mode = \"{mode}\", decimals = 4 }}\n\
             rate = [{{ prefix = \"*\", rate = \"0.075\", minimum = 1, increment = 1 }}]"
        );
        assert_eq!(rated(&version, "1").unwrap().cost.get(), wanted, "{mode}");
    }
}

#[test]
fn without_decimals_the_whole_part_decides_what_is_even() {
    for (rate, wanted) in [("0.5", 0), ("1.5", 2), ("2.5", 2), ("3.5", 4)] {
        let version = format!(
            "rounding = {{ mode = \"half_even\", decimals = 0 }}\n\
             rate = [{{ prefix = \"*\", rate = \"{rate}\" }}]"
        );
        assert_eq!(rated(&version, "1").unwrap().cost.get(), wanted * 1_000_000, "{rate}");
    }
}

#[test]
fn a_started_second_counts_from_its_first_microsecond() {
    let version = "rate = [{ prefix = \"*\", rate = 1, minimum = 1, increment = 1 }]";
    for (talk, billed) in [("0", 0), ("0.000001", 1_000), ("1", 1_000), ("1.000001", 2_000)] {
        assert_eq!(rated(version, talk).unwrap().billed_ms, billed, "{talk}");
    }
}

#[test]
fn a_carry_runs_into_the_whole_part() {
    let version = "rounding = { mode = \"up\", decimals = 0 }\n\
                   rate = [{ prefix = \"*\", rate = \"1.999999999\", unit = 1, minimum = 1, increment = 1 }]";
    assert_eq!(rated(version, "1").unwrap().cost.get(), 2_000_000);
    let version = version.replace("decimals = 0", "decimals = 6");
    assert_eq!(rated(&version, "1").unwrap().cost.get(), 2_000_000);
}

/// Seven slabs whose units share no factor: the exact sum needs far more than 128 bits.
#[test]
fn units_without_common_factors_are_still_exact() {
    let units = [86_399, 86_381, 86_371, 86_369, 86_357, 86_353, 86_351];
    let slabs = units.iter().zip(0..).map(|(unit, from)| {
        format!("{{ from = {from}, rate = \"0.123456789\", unit = {unit}, increment = 1 }}")
    });
    let slabs = slabs.collect::<Vec<_>>().join(", ");
    let version = format!(
        "rounding = {{ mode = \"down\", decimals = 20 }}\nsurcharge_percent = \"7.1234\"\n\
         rate = [{{ prefix = \"*\", slabs = [{slabs}] }}]"
    );
    let sum = units
        .iter()
        .map(|unit| super::slow::decimal("0.123456789") / super::slow::decimal(&unit.to_string()));
    let exact = sum.sum::<num_rational::BigRational>() * super::slow::decimal("1.071234");
    let scale = super::slow::decimal("100000000000000000000");
    let text = plan(&version);
    let (book, _) = read_files(&[("t.toml", &text)], &|_| None).unwrap();
    let detail = book.detail(&call("7")).unwrap();
    assert_eq!(super::slow::decimal(&detail.cost.to_string()), (exact * &scale).floor() / scale);
    let explained = book.explain(&call("7"));
    assert!(explained.steps.iter().any(|step| step.contains("128 bits")), "{explained:?}");
}

#[test]
fn a_day_in_steps_of_a_millisecond_is_counted_not_walked() {
    let version = "duration_rounding = \"none\"\nrate = [{ prefix = \"*\", rate = \"0.0001\", \
                   minimum = \"0.001\", increment = \"0.001\" }]";
    let charge = rated(version, "86399.9995").unwrap();
    assert_eq!((charge.cost.get(), charge.billed_ms), (144_000, 86_400_000));
}

#[test]
fn a_cost_beyond_64_bits_is_flagged_not_wrong() {
    let version = "rate = [{ prefix = \"*\", rate = \"9999\", unit = 1 }]";
    assert_eq!(rated(version, "9000000000000").unwrap_err(), Unrated::Overflow);
}

pub fn plan(version: &str) -> String {
    format!(
        "format = \"ringfold-tariff-1\"\n[[assign]]\nplan = \"p\"\neffective_from = \
         2026-01-01T00:00:00Z\n[[plan]]\nid = \"p\"\n[[plan.version]]\nnumber = 1\n\
         effective_from = 2026-01-01T00:00:00Z\n{version}\n"
    )
}

pub fn call(seconds: &str) -> RatedDial<'static> {
    RatedDial {
        project: ProjectId::new(uuid::Uuid::nil()),
        gateway: None,
        phone: Some("+12025550143"),
        answered: true,
        at: instant("2026-01-14T12:00:00Z"),
        talk_micros: Seconds::parse(seconds).unwrap().micros(),
    }
}

fn rated(version: &str, seconds: &str) -> Result<Charge, Unrated> {
    let text = plan(version);
    let (book, _) = read_files(&[("t.toml", &text)], &|_| None).unwrap();
    book.rate(&call(seconds))
}
