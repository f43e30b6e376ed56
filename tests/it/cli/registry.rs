//! `tariff add | import | list` and `verify` on the local store: what is appended, what is refused,
//! and that nothing is done twice or by half.

use std::path::Path;

use crate::support::process::Setup;

const HEAD: &str = "format = \"ringfold-tariff-1\"\n";
const FIRST: &str = "[[plan]]\nid = \"p\"\n[[plan.version]]\nnumber = 1\neffective_from = \
                     2026-01-01T00:00:00Z\nrate = [\n  { prefix = \"1\", rate = \"0.01\" },\n  \
                     { prefix = \"44\", rate = \"0.02\" },\n]\n[[assign]]\nplan = \"p\"\n\
                     effective_from = 2026-01-01T00:00:00Z\n";

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(setup: &Setup, arguments: &[&str]) -> Ran {
    let output = setup.command(arguments).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A store of its own without tariff files.
fn setup(dir: &Path) -> Setup {
    Setup::new(dir).without("tariff.files")
}

fn file(dir: &Path, name: &str, rest: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, format!("{HEAD}{rest}")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn version(number: u32, from: &str, price: &str) -> String {
    format!(
        "[[plan]]\nid = \"p\"\n[[plan.version]]\nnumber = {number}\neffective_from = {from}\n\
         rate = [{{ prefix = \"1\", rate = \"{price}\" }}, {{ prefix = \"49\", rate = 1 }}]\n"
    )
}

#[test]
fn a_tariff_is_appended_once_and_listed() {
    let dir = tempfile::tempdir().unwrap();
    let (setup, first) = (setup(dir.path()), file(dir.path(), "first.toml", FIRST));
    let dry = ran(&setup, &["tariff", "add", &first, "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(dry.out.contains("would add version p@1\n"), "{}", dry.out);
    assert!(dry.out.contains("  + { prefix = \"44\", rate = \"0.02\""), "{}", dry.out);
    assert_eq!(setup.output(&["tariff", "list"]), "");

    let added = setup.output(&["tariff", "add", &first]);
    assert!(added.contains("added version p@1\n"), "{added}");
    assert!(added.contains("added assign * * p 2026-01-01T00:00:00Z\n"), "{added}");
    let again = setup.output(&["tariff", "add", &first]);
    assert!(again.ends_with("nothing to add: the registry keeps all of it\n"), "{again}");
    let listed = setup.output(&["tariff", "list"]);
    assert_eq!(
        listed,
        "version p@1  in force  from 2026-01-01T00:00:00.000Z  USD  2 rates\n\
         assign p  begun  from 2026-01-01T00:00:00.000Z  project *  gateway *\n"
    );
    let rated = setup.output(&[
        "tariff",
        "rate",
        "--registry",
        "--at",
        "2026-03-01T00:00:00Z",
        "+12025550143",
        "61",
    ]);
    assert!(rated.ends_with("cost: 0.02 USD for 120 s\n"), "{rated}");
}

#[test]
fn what_is_broken_changed_or_late_changes_nothing_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let (setup, first) = (setup(dir.path()), file(dir.path(), "first.toml", FIRST));
    setup.output(&["tariff", "add", &first]);
    let before = setup.output(&["tariff", "list", "--json"]);
    let dearer = FIRST.replace("0.02", "0.03");
    let late = version(2, "2026-02-01T00:00:00Z", "0.02");
    let good = version(3, "2099-01-01T00:00:00Z", "0.02");
    let broken = format!("{good}[[exchange]]\ncurrency = \"EUR\"\nusd = 1.05\n");
    for (name, text, told) in [
        (
            "dearer.toml",
            &dearer,
            "dearer.toml:4: plan.version.number: version_changed: p@1 is kept with other content",
        ),
        (
            "late.toml",
            &late,
            "late.toml:4: plan.version.effective_from: late: p@2 begins at 2026-02-01T00:00:00.000Z",
        ),
        ("broken.toml", &broken, "broken.toml:10: exchange.usd: a float is not exact"),
    ] {
        let ran = ran(&setup, &["tariff", "add", &file(dir.path(), name, text)]);
        assert_eq!(ran.code, 1, "{name}: {}", ran.out);
        assert!(ran.err.starts_with("error: nothing is added"), "{}", ran.err);
        assert!(ran.err.contains(told), "{}", ran.err);
    }
    assert_eq!(setup.output(&["tariff", "list", "--json"]), before);
    // Asked for, the past may change.
    let backdated = ran(
        &setup,
        &["tariff", "add", "--backdate", dir.path().join("late.toml").to_str().unwrap()],
    );
    assert_eq!(backdated.code, 0, "{}", backdated.err);
    assert!(backdated.out.contains("0 items cost something else"), "{}", backdated.out);
    assert!(setup.output(&["tariff", "list"]).contains("version p@2  in force"));
}

#[test]
fn a_sheet_becomes_a_version_after_a_dry_run_that_shows_what_changes() {
    let dir = tempfile::tempdir().unwrap();
    let (setup, first) = (setup(dir.path()), file(dir.path(), "first.toml", FIRST));
    setup.output(&["tariff", "add", &first]);
    let sheet = dir.path().join("sheet.csv");
    std::fs::write(&sheet, "Dial Code,Price,Note\n1,0.01,same\n44,0.03,dearer\n33,0.04,new\n")
        .unwrap();
    let sheet = sheet.to_str().unwrap();
    let import = |more: &[&str]| {
        let arguments = [
            "tariff",
            "import",
            "--plan",
            "p",
            "--number",
            "2",
            "--effective-from",
            "2099-01-01T00:00:00Z",
            "--map",
            "Dial Code=prefix,Price=rate",
            sheet,
        ];
        ran(&setup, &[&arguments[..], more].concat())
    };
    let refused = import(&[]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("sheet.csv:1: Note: unknown column"), "{}", refused.err);
    let dry = import(&["--ignore-extra", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    for line in [
        "would add version p@2\n",
        "  + { prefix = \"33\", rate = \"0.04\"",
        "  ~ { prefix = \"44\", rate = \"0.02\", unit = 60, minimum = 60, increment = 60 } -> ",
        "p@2 against p@1: 1 rates added, 0 dropped, 1 changed, 1 the same\n",
    ] {
        assert!(dry.out.contains(line), "{line}: {}", dry.out);
    }
    assert!(!setup.output(&["tariff", "list"]).contains("p@2"));
    let done = import(&["--ignore-extra"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let listed = setup.output(&["tariff", "list", "--plan", "p"]);
    assert!(listed.contains("version p@2  to come  from 2099-01-01T00:00:00.000Z  USD  3 rates"));
    let again = import(&["--ignore-extra"]);
    assert!(again.out.ends_with("nothing to add: the registry keeps all of it\n"), "{}", again.out);
}

/// A sheet holds rates alone: terms of the version before it are told as dropped, before anything is
/// written, and the way to keep them is a version of a file that names the sheet.
#[test]
fn a_version_of_a_sheet_has_default_terms_unless_a_file_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let terms =
        "rounding = { mode = \"half_even\", decimals = 4 }\ntime_zone = \"Europe/London\"\n";
    let first = FIRST.replace("rate = [\n", &format!("{terms}rate = [\n"));
    let (setup, first) = (setup(dir.path()), file(dir.path(), "first.toml", &first));
    setup.output(&["tariff", "add", &first]);
    let sheet = dir.path().join("sheet.csv");
    std::fs::write(&sheet, "prefix,rate\n1,0.01\n44,0.02\n").unwrap();
    let from = "2099-01-01T00:00:00Z";
    let head = ["tariff", "import", "--plan", "p", "--number", "2", "--effective-from", from];
    let dry = ran(&setup, &[&head[..], &["--dry-run", sheet.to_str().unwrap()]].concat());
    assert_eq!(dry.code, 0, "{}", dry.err);
    for dropped in ["- rounding = { mode = \"half_even\", decimals = 4 }", "- time_zone = \"Europe"]
    {
        assert!(dry.out.contains(dropped), "{dropped}: {}", dry.out);
    }
    assert!(!setup.output(&["tariff", "list"]).contains("p@2"));
    let named = format!(
        "[[plan]]\nid = \"p\"\n[[plan.version]]\nnumber = 2\neffective_from = {from}\n{terms}sheet = \
         \"sheet.csv\"\n"
    );
    let named = file(dir.path(), "second.toml", &named);
    let kept = setup.output(&["tariff", "add", &named]);
    assert!(!kept.contains("  - "), "{kept}");
    assert!(kept.contains("p@2 against p@1: 0 rates added, 0 dropped, 0 changed, 2 the same\n"));
}

#[test]
fn an_unknown_plan_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let ran = ran(&setup(dir.path()), &["tariff", "list", "--plan", "q"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("the registry keeps no plan q"), "{}", ran.err);
}
