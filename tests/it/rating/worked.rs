//! The worked examples of the rule, as tariff files: cost to the last digit, and billed seconds.

use ringfold::tariff::{RatedDial, read_files};

use super::cases::instant;
use super::sample::{call, plan};

struct Example {
    case: &'static str,
    version: &'static str,
    number: &'static str,
    at: &'static str,
    seconds: &'static str,
    cost: &'static str,
    billed: &'static str,
}

const NOON: &str = "2026-01-14T12:00:00Z";
const AMERICAN: &str = "+12025550143";

const EXAMPLES: [Example; 10] = [
    Example {
        case: "R064",
        version: "rate = [{ prefix = \"+1\", rate = \"0.006\", minimum = 30, increment = 6 }]",
        number: "+14165550123",
        at: NOON,
        seconds: "32",
        cost: "0.0036",
        billed: "36",
    },
    Example {
        case: "R069",
        version: "rounding = { decimals = 4 }\ngrace = { seconds = 3, mode = \"threshold\" }\n\
                  rate = [{ prefix = \"34\", connect_fee = \"0.10\", rate = \"0.15\", minimum = 60, \
                  increment = 30 }]",
        number: "+34910000043",
        at: NOON,
        seconds: "43",
        cost: "0.25",
        billed: "60",
    },
    Example {
        case: "R140",
        version: "rounding = { mode = \"half_up\", decimals = 4 }\nrate = [{ prefix = \"*\", \
                  connect_fee = 1, slabs = [\n\
                  { from = 0, rate = 2, unit = 60, increment = 10 },\n\
                  { from = 40, rate = 1, unit = 60, increment = 20 },\n\
                  { from = 60, rate = 0, unit = 60, increment = 10 } ] }]",
        number: AMERICAN,
        at: NOON,
        seconds: "45",
        cost: "2.6667",
        billed: "60",
    },
    Example {
        case: "R001",
        version: "time_of_day = \"split\"\nrounding = { mode = \"half_up\", decimals = 4 }\n\
                  rate = [{ prefix = \"*\", band = [\n\
                  { at = \"00:00\", days = [1, 2, 3, 4, 5], connect_fee = 1, rate = 1, unit = 1, \
                  minimum = 1, increment = 1 },\n\
                  { at = \"18:00\", days = [1, 2, 3, 4, 5], rate = \"0.5\", unit = 1, minimum = 1, \
                  increment = 1 },\n\
                  { at = \"00:00\", days = [6, 7], rate = \"0.5\", unit = 1, minimum = 1, increment \
                  = 1 } ] }]",
        number: AMERICAN,
        at: "2026-01-15T17:30:00Z",
        seconds: "3600",
        cost: "2701",
        billed: "3600",
    },
    Example {
        case: "R166",
        version: "time_zone = \"Europe/London\"\nrate = [{ prefix = \"44\", band = [\n\
                  { at = \"00:00\", rate = \"0.01\", minimum = 1, increment = 1 },\n\
                  { at = \"08:00\", rate = \"0.04\", minimum = 1, increment = 1 } ] }]",
        number: "+442079460123",
        at: "2026-07-01T07:30:00Z",
        seconds: "60",
        cost: "0.04",
        billed: "60",
    },
    Example {
        case: "R115",
        version: "grace = { seconds = 10, mode = \"deduct\" }\n\
                  rate = [{ prefix = \"1\", rate = \"0.06\", minimum = 1, increment = 1 }]",
        number: AMERICAN,
        at: NOON,
        seconds: "15",
        cost: "0.005",
        billed: "5",
    },
    Example {
        case: "R088",
        version: "duration_rounding = \"half_down\"\n\
                  rate = [{ prefix = \"1\", rate = \"0.6\", minimum = 1, increment = 1 }]",
        number: AMERICAN,
        at: NOON,
        seconds: "60.5",
        cost: "0.6",
        billed: "60",
    },
    Example {
        case: "R170",
        version: "rounding = { mode = \"half_even\", decimals = 4 }\n\
                  rate = [{ prefix = \"1\", rate = \"0.075\", minimum = 1, increment = 1 }]",
        number: AMERICAN,
        at: NOON,
        seconds: "1",
        cost: "0.0012",
        billed: "1",
    },
    Example {
        case: "R147",
        version: "rounding = { decimals = 2 }\nmin_cost = \"0.60\"\n\
                  rate = [{ prefix = \"44\", connect_fee = \"0.40\", rate = \"0.0066\" }]",
        number: "+443432221234",
        at: NOON,
        seconds: "30",
        cost: "0.6",
        billed: "60",
    },
    Example {
        case: "R181",
        version: "surcharge_percent = 10\nrate = [{ prefix = \"1\", rate = \"0.10\" }]",
        number: AMERICAN,
        at: NOON,
        seconds: "60",
        cost: "0.11",
        billed: "60",
    },
];

#[test]
fn every_worked_example_costs_what_its_steps_say() {
    for Example { case, version, number, at, seconds, cost, billed } in EXAMPLES {
        let file = plan(version).replace("= 2026-01-01T", "= 2020-01-01T");
        let (book, _) = read_files(&[("t.toml", &file)], &|_| None).unwrap();
        let dial = RatedDial { phone: Some(number), at: instant(at), ..call(seconds) };
        let detail = book.detail(&dial).unwrap();
        let found = (detail.cost.to_string(), detail.billed.to_string());
        assert_eq!(found, (cost.to_owned(), billed.to_owned()), "{case}");
    }
}
