//! `demo`: calls on screen within the promised time, and nothing left behind.

use super::run;

#[test]
fn the_first_answered_dial_is_there_within_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("kept");
    let kept_at = kept.to_str().unwrap();
    let ran = run(&["demo", "--until-answered", "--rate", "4", "--keep", kept_at], b"");
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    let told = ran.out.lines().find_map(|line| line.strip_prefix("first answered dial after "));
    let seconds: f64 = told.unwrap().strip_suffix(" s").unwrap().parse().unwrap();
    assert!(seconds < 60.0, "{}", ran.out);
    assert!(ran.out.contains("  curl -s -H 'ApiKey: rfk_"), "{}", ran.out);
    // No number is shown whole.
    assert!(!ran.out.contains("+1202555"), "{}", ran.out);
    assert!(kept.join("data").is_dir());
    assert!(ran.out.ends_with(&format!("kept {kept_at}\n")), "{}", ran.out);
}
