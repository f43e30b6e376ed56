//! The table of published and derived cases: every row exact to the last digit.

use ringfold::tariff::{
    Band, BandTime, DaysOfWeek, Decimal, DurationRounding, Grace, GraceMode, Head, IncrementRule,
    MaxCost, MaxStrategy, Mode, MonthDay, Numbers, Prefix, Price, Rate, Rounding, Seconds, Slab,
    Talk, Terms, TimeOfDay, Unrated, Version,
};
use ringfold::value::Micros;
use serde_json::Value;

const CASES: &str = include_str!("../../data/rating/rating-cases.csv");

struct Case {
    id: String,
    columns: csv::StringRecord,
    headers: csv::StringRecord,
}

impl Case {
    fn get(&self, column: &str) -> &str {
        let place = self.headers.iter().position(|name| name == column).unwrap();
        &self.columns[place]
    }
}

fn cases() -> Vec<Case> {
    let mut reader = csv::Reader::from_reader(CASES.as_bytes());
    let headers = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let columns = record.unwrap();
            Case { id: columns[0].to_owned(), columns, headers: headers.clone() }
        })
        .collect()
}

pub fn instant(text: &str) -> Micros {
    let parsed = chrono::DateTime::parse_from_rfc3339(text).unwrap();
    Micros::new(parsed.timestamp_micros())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn known<T: Copy>(words: &[(&str, T)], word: &str) -> T {
    words.iter().find(|(known, _)| *known == word).unwrap().1
}

fn micros(value: &Value) -> i64 {
    let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Seconds::parse(&plain).unwrap().micros()
}

fn band(band: &Value) -> Band {
    let slabs = band["slabs"].as_array().unwrap().iter().map(|slab| Slab {
        from: micros(&slab[0]),
        rate: Price::parse(text(&slab[1])).unwrap(),
        unit: text(&slab[2]).parse().unwrap(),
        increment: micros(&slab[3]),
    });
    let days = band.get("days").map_or(DaysOfWeek::ALL, |days| {
        let days = days.as_array().unwrap().iter();
        DaysOfWeek::new(&days.map(|d| d.to_string().parse().unwrap()).collect::<Vec<_>>()).unwrap()
    });
    Band {
        at: BandTime::parse(text(&band["at"])).unwrap(),
        days,
        date: band.get("md").map(|md| MonthDay::parse(text(md)).unwrap()),
        connect_fee: Price::parse(text(&band["cf"])).unwrap(),
        slabs: slabs.collect(),
    }
}

fn rate(rate: &Value) -> Rate {
    Rate {
        prefix: Prefix::parse(text(&rate["prefix"])).unwrap(),
        name: None,
        effective_from: rate.get("from").map(|from| instant(text(from))),
        effective_to: rate.get("to").map(|to| instant(text(to))),
        bands: rate["bands"].as_array().unwrap().iter().map(band).collect(),
    }
}

fn version(plan: &Value, time_of_day: &str) -> Version {
    let word = |key: &str| plan.get(key).map(text);
    let terms = Terms {
        rounding: Rounding {
            mode: known(&Mode::WORDS, text(&plan["round"][0])),
            decimals: plan["round"][1].to_string().parse().unwrap(),
        },
        duration_rounding: word("dur_round")
            .map_or(DurationRounding::None, |word| known(&DurationRounding::WORDS, word)),
        increment_rule: word("variant")
            .map_or(IncrementRule::Slab, |word| known(&IncrementRule::WORDS, word)),
        grace: plan.get("grace").map(|grace| Grace {
            time: micros(&grace["s"]),
            mode: known(&GraceMode::WORDS, text(&grace["mode"])),
        }),
        time_zone: word("tz").map_or(chrono_tz::UTC, |zone| zone.parse().unwrap()),
        time_of_day: known(
            &[("start", TimeOfDay::Answer), ("split", TimeOfDay::Split)],
            time_of_day,
        ),
        min_cost: word("min_cost").map(|least| Price::parse(least).unwrap()),
        max_cost: plan.get("max").map(|max| MaxCost {
            amount: Price::parse(text(&max["amount"])).unwrap(),
            strategy: known(&MaxStrategy::WORDS, text(&max["strategy"])),
        }),
        surcharge_percent: word("surcharge_pct")
            .map_or(Price::default(), |percent| Price::parse(percent).unwrap()),
    };
    let head =
        Head { plan: "case".into(), number: 1, effective_from: Micros::new(0), backdate: false };
    Version::new(head, terms, plan["rates"].as_array().unwrap().iter().map(rate).collect())
}

fn check(case: &Case) -> Result<(), String> {
    let plan: Value = serde_json::from_str(case.get("plan_json")).unwrap();
    let version = version(&plan, case.get("tod_mode"));
    let numbers = match plan.get("raw_numbers") {
        Some(Value::Bool(true)) => Numbers::Digits,
        _ => Numbers::E164,
    };
    let talk = Talk {
        number: Some(case.get("dialed_number")),
        answered: case.get("answered") == "true",
        at: instant(case.get("answer_time")),
        micros: Seconds::parse(case.get("answered_seconds")).unwrap().micros(),
    };
    let wanted = case.get("status");
    let bill = match version.rate(&talk, numbers) {
        Ok(bill) if wanted == "RATED" => bill,
        Err(reason) if wanted.strip_prefix("UNRATED:") == Some(reason.label()) => return Ok(()),
        other => return Err(format!("{other:?} instead of {wanted}")),
    };
    let wanted_cost = Decimal::parse(case.get("expected_cost")).unwrap().to_string();
    let wanted_prefix = Prefix::parse(case.get("matched_prefix")).unwrap();
    let found = (bill.cost.to_string(), bill.billed.to_string(), bill.prefix().to_string());
    let wanted =
        (wanted_cost, case.get("billed_seconds").to_owned(), wanted_prefix.as_str().to_owned());
    if found == wanted { Ok(()) } else { Err(format!("{found:?} instead of {wanted:?}")) }
}

#[test]
fn every_published_case_comes_out_to_the_last_digit() {
    let cases = cases();
    assert_eq!(cases.len(), 55);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| check(case).err().map(|why| format!("{}: {why}", case.id)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn labels_of_reasons_lead_back_to_them() {
    for reason in Unrated::ALL {
        assert_eq!(Unrated::parse(reason.label()), Some(reason));
    }
}
