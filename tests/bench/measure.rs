//! Time, CPU and counts of one contender.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub events: u64,
    pub took: Duration,
    /// CPU of the contender itself.
    pub own_cpu: Duration,
    /// CPU of the store in the same time, if its process is known.
    pub store_cpu: Option<Duration>,
    pub more: String,
}

impl Figures {
    /// Events per second.
    pub fn rate(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64()
    }

    pub fn line(&self, name: &str, note: Option<&str>) -> String {
        let per_event = |cpu: Duration| cpu.as_secs_f64() * 1e6 / self.events as f64;
        let store = self.store_cpu.map_or("?".to_owned(), |cpu| format!("{:.2}", per_event(cpu)));
        format!(
            "{name}: {:.0} events/s ({} in {:.1} s), CPU per event: own {:.2} µs, store {store} µs {} {}",
            self.rate(),
            self.events,
            self.took.as_secs_f64(),
            per_event(self.own_cpu),
            self.more,
            note.unwrap_or(""),
        )
    }
}

/// User and system time of a process so far (`/proc/<pid>/stat`, in ticks of 10 ms).
pub fn cpu_of(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// The store's process, as `tests/engines/up` noted it.
pub fn store_pid() -> Option<u32> {
    let folder = std::env::var("RINGFOLD_ENGINES_DIR")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/target/engines").to_owned());
    let text = fs::read_to_string(Path::new(&folder).join("cassandra/pid")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// CPU of the store so far.
pub fn store_cpu() -> Option<Duration> {
    store_pid().map(cpu_of)
}

/// Waits until the store rests: what it was given before is compacted in the background and would
/// be measured with what comes next. Gives up after a minute, and says so.
pub fn let_the_store_rest() {
    let mut last = store_cpu();
    for _ in 0..60 {
        std::thread::sleep(Duration::from_secs(1));
        let now = store_cpu();
        if now
            .zip(last)
            .is_none_or(|(now, last)| now.saturating_sub(last) < Duration::from_millis(60))
        {
            return;
        }
        last = now;
    }
    println!("the store still works on what it was given before");
}
