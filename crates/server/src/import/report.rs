//! Progress on the terminal, faults as they are met, the tally at the end.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use accord_engine::Failure;
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};
use parking_lot::Mutex;

use super::tally::{Fate, Tally};

/// Faults of one document that are written out; the rest is counted.
const MOST_ISSUES: usize = 20;

/// Collects what becomes of the input.
pub struct Report {
    bar: ProgressBar,
    tally: Mutex<Tally>,
    consumed: Arc<AtomicU64>,
    resources: Arc<AtomicU64>,
}

impl Report {
    /// Over `bytes` of input, of which `consumed` were read so far.
    pub fn new(bytes: u64, consumed: Arc<AtomicU64>, terminal: bool) -> Report {
        let resources = Arc::new(AtomicU64::new(0));
        let bar = if terminal { ProgressBar::new(bytes) } else { ProgressBar::hidden() };
        let counted = resources.clone();
        let style = ProgressStyle::with_template(
            "{bar:30} {percent}%  {bytes} of {total_bytes}  {resources}  {eta} left",
        );
        if let Ok(style) = style {
            bar.set_style(style.with_key(
                "resources",
                move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let count = counted.load(Ordering::Relaxed);
                    let rate = count as f64 / state.elapsed().as_secs_f64().max(0.001);
                    // Nothing can be done about a terminal that takes no text.
                    let _ = write!(out, "{} resources, {:.0}/s", HumanCount(count), rate);
                },
            ));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Report { bar, tally: Mutex::new(Tally::default()), consumed, resources }
    }

    /// Counts resources of one document.
    pub fn count(&self, fates: impl IntoIterator<Item = (String, Fate)>) {
        let mut tally = self.tally.lock();
        let mut count = 0;
        for (resource_type, fate) in fates {
            tally.add(&resource_type, fate);
            count += 1;
        }
        self.resources.fetch_add(count, Ordering::Relaxed);
        self.bar.set_position(self.consumed.load(Ordering::Relaxed));
    }

    /// Names a document, or an entry of one, that was refused, and why.
    pub fn refused(&self, name: &str, failure: &Failure) {
        let mut text = String::new();
        for issue in failure.issues.iter().take(MOST_ISSUES) {
            let path = issue.expression.as_deref().unwrap_or("-");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}: {path}: {}", issue.diagnostics);
        }
        if let Some(more) = failure.issues.len().checked_sub(MOST_ISSUES).filter(|more| *more > 0) {
            let _ = writeln!(text, "{name}: and {more} more");
        }
        self.say(text.trim_end());
    }

    /// Names a place that could not be read.
    pub fn unreadable(&self, name: &str, reason: &str) {
        self.tally.lock().unreadable += 1;
        self.say(&format!("{name}: {reason}"));
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    /// Ends the bar and gives the tally.
    pub fn finish(self) -> Tally {
        self.bar.finish_and_clear();
        self.tally.into_inner()
    }
}
