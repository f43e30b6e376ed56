//! Checks of tariff files and sheets: each names file, line, key and remedy.

use ringfold::tariff::{Fault, Warning, read_files};

use super::sample::{call, plan};

type Read = Result<(ringfold::tariff::Book, Vec<Warning>), Vec<Fault>>;

fn read(text: &str) -> Read {
    read_files(&[("tariffs/t.toml", text)], &|_| None)
}

fn faults(text: &str) -> Vec<String> {
    read(text).map(|_| ()).unwrap_err().iter().map(ToString::to_string).collect()
}

fn warnings(version: &str) -> Vec<String> {
    read(&plan(version)).unwrap().1.iter().map(ToString::to_string).collect()
}

/// A rate with something wrong: its keys begin in line 12.
fn rate_fault(keys: &str) -> String {
    let faults = faults(&plan(&format!("[[plan.version.rate]]\nprefix = \"1\"\n{keys}")));
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults[0].clone()
}

fn version_fault(keys: &str) -> String {
    let faults = faults(&plan(&format!("{keys}\nrate = [{{ prefix = \"1\", rate = 1 }}]")));
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults[0].clone()
}

#[track_caller]
fn says(found: &str, start: &str, end: &str) {
    assert!(found.starts_with(&format!("tariffs/t.toml:{start}")), "{found}");
    assert!(found.contains(end), "{found}");
}

#[test]
fn a_fault_names_file_line_key_and_remedy() {
    assert_eq!(
        rate_fault("rate = 0.0125"),
        "tariffs/t.toml:12: plan.version.rate.rate: a float is not exact; write it in quotes, as \
         \"0.0125\""
    );
    assert_eq!(
        version_fault("time_zon = \"UTC\""),
        "tariffs/t.toml:10: plan.version.time_zon: unknown key; do you mean `time_zone`?"
    );
}

#[test]
fn unknown_keys_name_the_nearest_known_one_at_every_level() {
    for (text, nearest) in [
        ("formt = \"ringfold-tariff-1\"", "do you mean `format`?"),
        ("[[plan]]\nid = \"a\"\ncurency = \"EUR\"", "do you mean `currency`?"),
        ("[[assign]]\ngatewy = \"*\"", "do you mean `gateway`?"),
        ("[[exchange]]\neur = 1", "do you mean `usd`?"),
    ] {
        assert!(faults(text).iter().any(|fault| fault.contains(nearest)), "{text}");
    }
    says(&rate_fault("rat = 1\nrate = 1"), "12: plan.version.rate.rat", "`rate`?");
    says(&rate_fault("band = [{ at = \"00:00\", rate = 1, dates = 1 }]"), "12", "`date`?");
    let slab = "{ from = 0, rate = 1, unit = 1, increments = 1, increment = 1 }";
    says(&rate_fault(&format!("slabs = [{slab}]")), "12", "`increment`?");
    says(&version_fault("grace = { seconds = 1, mod = 1, mode = \"deduct\" }"), "10", "`mode`?");
    says(&version_fault("rounding = { mod = \"up\" }"), "10", "`mode`?");
    let max = "max_cost = { amont = 1, amount = 1, strategy = \"free\" }";
    says(&version_fault(max), "10", "`amount`?");
}

#[test]
fn unknown_words_name_the_nearest_known_one() {
    says(&version_fault("increment_rule = \"slabs\""), "10", "`slab`?");
    says(&version_fault("duration_rounding = \"half_even\""), "10", "do you mean `half_");
    says(&version_fault("time_of_day = \"splits\""), "10", "`split`?");
    says(&version_fault("time_zone = \"Europe/Londn\""), "10", "`Europe/London`?");
    says(&version_fault("rounding = { mode = \"halfup\" }"), "10", "`half_up`?");
    says(&version_fault("grace = { seconds = 1, mode = \"dedct\" }"), "10", "`deduct`?");
    says(&version_fault("max_cost = { amount = 1, strategy = \"fre\" }"), "10", "`free`?");
}

#[test]
fn values_beyond_their_limits_are_refused() {
    for (keys, what) in [
        ("rate = 10000", "no price"),
        ("rate = \"9999.9999999999\"", "no price"),
        ("rate = -1", "no price"),
        ("rate = \"1e3\"", "no price"),
        ("rate = \"0,5\"", "no price"),
        ("rate = true", "not a number"),
        ("rate = 1\nconnect_fee = 10000", "no price"),
        ("rate = 1\nunit = 0", "no unit"),
        ("rate = 1\nunit = 86401", "no unit"),
        ("rate = 1\nunit = \"0.5\"", "no unit"),
        ("rate = 1\nincrement = 0", "no billing step"),
        ("rate = 1\nincrement = \"0.0005\"", "no billing step"),
        ("rate = 1\nincrement = \"86400.001\"", "no billing step"),
        ("rate = 1\nminimum = 0", "no billing step"),
        ("rate = 1\neffective_from = 2026-01-01", "no instant"),
        ("rate = 1\neffective_to = 2026-01-01T00:00:00", "no instant"),
        ("rate = 1\neffective_to = 5", "not an instant"),
        ("rate = 1\nname = 5", "not a text"),
        ("rate = 1\nprefix = \"2\"", "duplicate key"),
        ("", "missing"),
        ("band = []", "no band"),
        ("band = 1", "not a list of tables"),
        ("slabs = []", "no slab"),
        ("band = [{ rate = 1 }]", "missing"),
        ("band = [{ at = \"24:00\", rate = 1 }]", "no time of day"),
        ("band = [{ at = \"0:00\", rate = 1 }]", "no time of day"),
        ("band = [{ at = \"00:00\", days = [0], rate = 1 }]", "not days of the week"),
        ("band = [{ at = \"00:00\", days = [], rate = 1 }]", "not days of the week"),
        ("band = [{ at = \"00:00\", days = [300], rate = 1 }]", "not days of the week"),
        ("band = [{ at = \"00:00\", days = \"1\", rate = 1 }]", "not a list of whole numbers"),
        ("band = [{ at = \"00:00\", date = \"02-30\", rate = 1 }]", "no day of the year"),
        ("band = [{ at = \"00:00\", date = \"13-01\", rate = 1 }]", "no day of the year"),
    ] {
        let fault = rate_fault(keys);
        assert!(fault.contains(what), "{keys}: {fault}");
    }
    for (keys, what) in [
        ("min_cost = 10000", "no price"),
        ("surcharge_percent = \"1000.1\"", "no percentage"),
        ("surcharge_percent = \"0.00001\"", "no percentage"),
        ("grace = { seconds = 3601, mode = \"deduct\" }", "no grace"),
        ("grace = { seconds = \"-1\", mode = \"deduct\" }", "no grace"),
        ("grace = { seconds = 1 }", "missing"),
        ("grace = 1", "not a table"),
        ("rounding = { decimals = 21 }", "no number of decimals"),
        ("backdate = 1", "neither true nor false"),
    ] {
        let fault = version_fault(keys);
        assert!(fault.contains(what), "{keys}: {fault}");
    }
}

#[test]
fn values_at_their_limits_are_read() {
    let rate = "[[plan.version.rate]]\nprefix = \"123456789012345\"\n";
    for keys in [
        "rate = \"9999.999999999\"\nconnect_fee = 0",
        "rate = 0\nunit = 86400\nminimum = 86400\nincrement = \"0.001\"",
        "rate = 1\nunit = 1\nincrement = \"86400.000\"",
        "band = [{ at = \"23:59\", date = \"02-29\", days = [1, 7], rate = 1 }]",
    ] {
        assert!(read(&plan(&format!("{rate}{keys}"))).is_ok(), "{keys}");
    }
    for keys in [
        "grace = { seconds = 3600, mode = \"deduct\" }",
        "surcharge_percent = 1000",
        "surcharge_percent = \"0.0001\"",
        "rounding = { decimals = 20 }",
        "min_cost = 5\nmax_cost = { amount = 5, strategy = \"free\" }",
    ] {
        assert!(read(&plan(&format!("{keys}\n{rate}rate = 1"))).is_ok(), "{keys}");
    }
    let id = "a".repeat(64);
    let named = |id: &str| format!("format = \"ringfold-tariff-1\"\n[[plan]]\nid = \"{id}\"\n");
    assert!(read(&named(&id)).is_ok());
    assert!(faults(&named(&format!("{id}a")))[0].contains("no id of a plan"));
}

#[test]
fn a_version_holds_200_000_rates() {
    let sheet_of = |count: u32| {
        let lines = (0..count).map(|line| format!("1{line},1\n")).collect::<Vec<_>>();
        sheet(&format!("prefix,rate\n{}", lines.concat()))
    };
    assert!(sheet_of(200_000).is_ok());
    let faults = sheet_of(200_001).unwrap_err();
    assert!(faults[0].to_string().contains("200001 rates; a version holds at most 200000"));
}

#[test]
fn prefixes_are_a_star_or_digits() {
    for prefix in ["", "0", "044", "4 4", "1234567890123456", "**", "+"] {
        let version = format!("rate = [{{ prefix = \"{prefix}\", rate = 1 }}]");
        says(&faults(&plan(&version))[0], "10: plan.version.rate.prefix", "is no prefix");
    }
    assert!(read(&plan("rate = [{ prefix = \"+44\", rate = 1 }]")).is_ok());
}

#[test]
fn slabs_begin_at_0_and_rise() {
    let slab = |from: &str| format!("{{ from = {from}, rate = 1, unit = 60, increment = 1 }}");
    let slabs =
        |froms: [&str; 2]| rate_fault(&format!("slabs = [{}, {}]", slab(froms[0]), slab(froms[1])));
    says(&slabs(["1", "2"]), "12: plan.version.rate.slabs.from", "does not begin at 0");
    says(&slabs(["0", "0"]), "12: plan.version.rate.slabs.from", "after the one before it");
    says(&slabs(["0", "\"-5\""]), "12: plan.version.rate.slabs.from", "no place in a call");
    let beside = rate_fault(&format!("rate = 1\nslabs = [{}]", slab("0")));
    says(&beside, "12: plan.version.rate.rate", "beside slabs");
    let beside = rate_fault("connect_fee = 1\nband = [{ at = \"00:00\", rate = 1 }]");
    says(&beside, "12: plan.version.rate.connect_fee", "beside bands");
}

#[test]
fn what_is_there_twice_is_refused() {
    let rates = "rate = [\n{ prefix = \"1\", rate = 1 },\n{ prefix = \"+1\", rate = 2 }]";
    says(&faults(&plan(rates))[0], "12: plan.version.rate: prefix 1 twice", "first in line 11");
    let bands = "band = [{ at = \"00:00\", rate = 1 }, { at = \"00:00\", rate = 2 }]";
    says(&rate_fault(bands), "10: plan.version.rate.band: two bands at 00:00", "drop one");
    let other_day = bands.replacen("\"00:00\"", "\"00:00\", days = [1]", 1);
    assert!(read(&plan(&format!("[[plan.version.rate]]\nprefix = \"1\"\n{other_day}"))).is_ok());
    let again = plan("rate = [{ prefix = \"1\", rate = 1 }]");
    let both = read_files(&[("a.toml", &again), ("b.toml", &again)], &|_| None).unwrap_err();
    assert_eq!(
        both[0].to_string(),
        "b.toml:7: plan.version.number: version p@1 twice, first at a.toml:7; give the later one a \
         higher number"
    );
    let exchange =
        "[[exchange]]\ncurrency = \"EUR\"\nusd = 1\neffective_from = 2026-01-01T00:00:00Z\n";
    let twice = faults(&format!("format = \"ringfold-tariff-1\"\n{exchange}{exchange}"));
    says(&twice[0], "7: exchange.currency: EUR twice", "drop one");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let slabs = "slabs = [{ from = 0, rate = 1, unit = 60, increment = 1 }]";
    let with_slabs = format!("increment_rule = \"max_of\"\nrate = [{{ prefix = \"1\", {slabs} }}]");
    says(&faults(&plan(&with_slabs))[0], "11: plan.version.rate.slabs", "knows no slabs");
    let split = version_fault("increment_rule = \"total_multiple\"\ntime_of_day = \"split\"");
    says(&split, "10: plan.version.increment_rule", "cannot split");
    let costs = "min_cost = \"0.6\"\nmax_cost = { amount = \"0.5\", strategy = \"free\" }";
    says(&version_fault(costs), "11: plan.version.max_cost", "below min_cost 0.6");
}

#[test]
fn assignments_and_exchange_rates_are_checked() {
    let file =
        |rest: &str| faults(&format!("{}{rest}", plan("rate = [{ prefix = \"1\", rate = 1 }]")));
    let from = "effective_from = 2026-01-01T00:00:00Z";
    for (rest, what) in [
        ("[[assign]]\nplan = \"q\"", "no plan `q`; do you mean `p`?"),
        ("[[assign]]\nplan = \"p\"\ngateway = \"Twilio\"", "no gateway"),
        ("[[assign]]\nplan = \"p\"\ngateway = \"/x\"", "no gateway"),
        ("[[assign]]\nplan = \"p\"\nproject = \"acme\"", "no project id"),
        ("[[exchange]]\ncurrency = \"eur\"\nusd = 1", "no currency"),
        ("[[exchange]]\ncurrency = \"USD\"\nusd = 1", "needs no exchange rate"),
        ("[[exchange]]\ncurrency = \"EUR\"\nusd = 0", "worth nothing"),
        ("[[exchange]]\ncurrency = \"EUR\"\nusd = 1.1", "float"),
        ("[[plan]]\nid = \"p\"\ncurrency = \"EUR\"\n", "a plan has one currency"),
        ("[[plan]]\nid = \"-p\"", "no id of a plan"),
    ] {
        let from = if rest.starts_with("[[plan]]") { "" } else { from };
        let found = file(&format!("{rest}\n{from}\n"));
        assert!(found.len() == 1 && found[0].contains(what), "{rest}: {found:#?}");
    }
    assert!(
        faults("[[assign]]\nplan = \"p\"\n").iter().any(|f| f.contains("effective_from: missing"))
    );
}

#[test]
fn a_file_of_another_format_or_no_toml_is_refused() {
    says(&faults("format = \"ringfold-tariff-2\"")[0], "1: format", "ringfold-tariff-1");
    says(&faults("")[0], "1: format: missing", "add `format`");
    says(&faults("format = \"ringfold-tariff-1\"\nplan = [")[0], "2: toml", "mend the syntax");
}

#[test]
fn everything_wrong_is_told_at_once_in_order() {
    let version = "rounding = { decimals = 99 }\nrate = [\n{ prefix = \"0\", rate = 1 },\n\
                   { prefix = \"1\" },\n{ prefix = \"2\", rate = 0.5 }]";
    let faults = faults(&plan(version));
    let lines: Vec<&str> = faults.iter().map(|f| f.split(':').nth(1).unwrap()).collect();
    assert_eq!(lines, ["10", "12", "13", "14"]);
}

#[test]
fn what_looks_like_a_mistake_is_told() {
    for (version, what) in [
        ("rate = [{ prefix = \"1\", rate = 1 }]", "no rate for `*`"),
        (
            "rate = [{ prefix = \"*\", band = [{ at = \"08:00\", rate = 1 }] }]",
            "no band at 00:00 on day 1; a day inherits nothing",
        ),
        (
            "rate = [{ prefix = \"*\", band = [{ at = \"00:00\", days = [1, 2, 3, 4, 5], rate = 1 }] }]",
            "no band at 00:00 on day 6",
        ),
        (
            "rate = [{ prefix = \"*\", rate = 1, minimum = 30, increment = 18 }]",
            "increment 18 does not divide minimum 30",
        ),
        (
            "rounding = { decimals = 7 }\nrate = [{ prefix = \"*\", rate = 1 }]",
            "more than 6 decimals",
        ),
        (
            "rate = [{ prefix = \"*\", rate = 1, effective_from = 2026-02-01T00:00:00Z, effective_to \
             = 2026-02-01T00:00:00Z }]",
            "ends before it begins",
        ),
        (
            "rate = [{ prefix = \"*\", rate = 1, effective_to = 2026-01-01T00:00:00Z }]",
            "ends before the version begins",
        ),
        (
            "rate = [{ prefix = \"*\", rate = 1, effective_to = 2026-02-01T00:00:00Z }, { prefix = \
             \"*\", rate = 2, effective_from = 2026-03-01T00:00:00Z }]",
            "no rate from 2026-02-01T00:00:00.000Z to 2026-03-01T00:00:00.000Z",
        ),
        (
            "rate = [{ prefix = \"*\", rate = 1, effective_to = 2026-03-01T00:00:00Z }, { prefix = \
             \"*\", rate = 2, effective_from = 2026-02-01T00:00:00Z }]",
            "two rates from 2026-02-01T00:00:00.000Z on",
        ),
    ] {
        let found = warnings(version);
        assert!(found.len() == 1 && found[0].contains(what), "{version}: {found:#?}");
    }
    assert_eq!(warnings("rate = [{ prefix = \"*\", rate = 1 }]"), [""; 0]);
    let said = "increment_rule = \"slab\"\nrate = [{ prefix = \"*\", rate = 1, minimum = 30, \
                increment = 18 }]";
    assert_eq!(warnings(said), [""; 0]);
}

#[test]
fn a_rate_that_longer_ones_hide_completely_is_told() {
    let rates = |prefixes: &[String]| {
        let rates = prefixes.iter().map(|p| format!("{{ prefix = \"{p}\", rate = 1 }}"));
        format!("rate = [{}]", rates.collect::<Vec<_>>().join(", "))
    };
    let mut prefixes: Vec<String> = (0..10).map(|digit| format!("44{digit}")).collect();
    prefixes.extend(["*".to_owned(), "44".to_owned()]);
    let found = warnings(&rates(&prefixes));
    assert!(found.len() == 1 && found[0].contains("prefix 44: longer prefixes hide it"));
    // 449 itself is made of its ten continuations: 44 is hidden all the same.
    prefixes.remove(9);
    assert_eq!(warnings(&rates(&prefixes)), [""; 0]);
    prefixes.extend((0..10).map(|digit| format!("449{digit}")));
    assert!(warnings(&rates(&prefixes))[0].contains("prefix 44: longer"));
    prefixes.extend((1..10).map(|digit| digit.to_string()));
    assert!(warnings(&rates(&prefixes)).iter().any(|warning| warning.contains("prefix *: longer")));
}

const SHEET: &str = "prefix,rate,name,minimum,increment,effective_from\r\n\
                     44,0.012,\"United Kingdom, all\",30,6,\r\n\
                     +447,0.045,,,,2026-02-01T00:00:00+01:00\r\n*,1,,,,\r\n";

fn sheet(text: &str) -> Read {
    let version = plan("sheet = \"uk.csv\"");
    read_files(&[("tariffs/t.toml", &version)], &|path| {
        (path == "tariffs/uk.csv").then(|| text.to_owned())
    })
}

#[test]
fn a_sheet_beside_the_file_gives_its_rates() {
    let (book, warnings) = sheet(SHEET).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let rates = book.tariff().plans[0].versions[0].rates();
    let prefixes: Vec<_> = rates.iter().map(|rate| rate.prefix.as_str()).collect();
    assert_eq!(prefixes, ["*", "44", "447"]);
    assert_eq!(rates[1].name.as_deref(), Some("United Kingdom, all"));
    let british = ringfold::tariff::RatedDial { phone: Some("+442079460018"), ..call("31") };
    let charge = book.rate(&british).unwrap();
    assert_eq!((charge.cost.get(), charge.billed_ms), (7_200, 36_000));
    assert!(sheet(&format!("\u{feff}{SHEET}")).is_ok());
}

#[test]
fn a_sheet_is_refused_with_the_line_that_is_wrong() {
    for (text, fault) in [
        ("prefix,rate\n44,1.2E-2\n", "tariffs/uk.csv:2: rate: `1.2E-2` is no price"),
        ("prefix,rate\n44,\"0,012\"\n", "tariffs/uk.csv:2: rate: `0,012` is no price"),
        ("prefix,rate\n1,1\n44, 1\n", "tariffs/uk.csv:3: rate: ` 1` is no price"),
        ("prefix,rate\n44,\n", "tariffs/uk.csv:2: rate: `` is no price"),
        ("prefix,rate\n044,1\n", "tariffs/uk.csv:2: prefix: `044` is no prefix"),
        ("prefix,rate\n44,1,2\n", "tariffs/uk.csv:2: line: 3 values under 2 columns"),
        ("prefix,rate\n44,1\n44,2\n", "tariffs/uk.csv:3: sheet: prefix 44 twice"),
        (
            "prefix,rate,effective_from\n44,1,2026-02-01\n",
            "tariffs/uk.csv:2: effective_from: `2026-02-01` is no instant",
        ),
        ("prefix,price\n44,1\n", "tariffs/uk.csv:1: price: unknown column; do you mean `rate`?"),
        ("prefix\n44\n", "tariffs/uk.csv:1: rate: missing column"),
        ("prefix,rate,rate\n44,1,1\n", "tariffs/uk.csv:1: rate: two columns"),
        ("prefix,rate,unit\n\"4\n4\",1,\n1,1,0\n", "tariffs/uk.csv:2: prefix"),
        ("", "tariffs/uk.csv:1: prefix: missing column"),
    ] {
        let faults = sheet(text).unwrap_err();
        let found = faults.iter().any(|found| found.to_string().starts_with(fault));
        assert!(found, "{text:?}: {faults:#?}");
    }
    let missing = read_files(&[("t.toml", &plan("sheet = \"uk.csv\""))], &|_| None).unwrap_err();
    assert!(missing[0].to_string().contains("cannot read `uk.csv`"));
    let outside = read_files(&[("t.toml", &plan("sheet = \"../uk.csv\""))], &|_| None);
    assert!(outside.unwrap_err()[0].to_string().contains("no name of a sheet"));
}
