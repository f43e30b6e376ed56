//! What `docs/operations.md` repeats from the code, kept equal to it.

use std::path::PathBuf;

const BEGIN: &str = "<!-- settings: generated from the types; RINGFOLD_BLESS=1 rewrites them -->\n";
const END: &str = "<!-- end of settings -->";

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to rewrite is said by the environment")]
fn operations_lists_every_setting() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("where the settings begin");
    let (listed, after) = rest.split_once(END).expect("where the settings end");
    let table = ringfold::config::table();
    if std::env::var("RINGFOLD_BLESS").is_ok() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(listed, table, "docs/operations.md; RINGFOLD_BLESS=1 rewrites it");
}
