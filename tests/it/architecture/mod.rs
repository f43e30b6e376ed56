//! The house as a test: who may use whom, what is pure, how large things are, which words are
//! used. It reads the source as text; each failure is a sentence that teaches the rule.

mod budgets;
mod dependencies;
mod places;
mod words;

use std::path::{Path, PathBuf};

/// One source file.
pub struct Source {
    /// Path below `src/`, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// The module at the top: `dial` of `dial/fold.rs`, `app` of `app.rs`.
    pub fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or("")
    }

    /// Lines of code and comments with their numbers, without the tests at the end of the file.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.text.lines().position(|line| line == "#[cfg(test)]").unwrap_or(usize::MAX);
        self.text.lines().enumerate().take(tests).map(|(index, line)| (index + 1, line))
    }

    /// Lines of code only: no comments, no documentation.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// All files of the crate.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let relative = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    files.iter().map(|path| Source { path: relative(path), text: read(path) }).collect()
}

/// Files of a folder and below that are Rust sources.
pub fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Fails with all findings at once.
pub fn expect_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}\n  {}", findings.join("\n  "));
}

/// Whether `word` stands in `line` as a word of its own.
pub fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_part(before) && !is_part(after)
    })
}
