//! Counts for operators, in the text format of Prometheus (version 0.0.4). Nothing personal:
//! interactions, status classes, durations, and the backend's own numbers.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::routes::Code;

/// Upper bounds of the histogram's buckets, in microseconds.
const BOUNDS_US: [u64; 14] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000,
    10_000_000,
];
const BUCKETS: usize = BOUNDS_US.len() + 1;
/// Status classes 1xx to 5xx.
const CLASSES: usize = 5;

/// All counters. Fixed in size, whatever clients send.
#[derive(Default)]
pub(crate) struct Metrics {
    by_code: [PerCode; Code::ALL.len()],
    /// Open connections.
    pub connections: AtomicU64,
    /// Connections that ended with an error of protocol or transport.
    pub broken_connections: AtomicU64,
}

#[derive(Default)]
struct PerCode {
    by_class: [AtomicU64; CLASSES],
    by_bucket: [AtomicU64; BUCKETS],
    sum_us: AtomicU64,
}

impl Metrics {
    /// Counts one answered request.
    pub(crate) fn count(&self, code: Code, status: u16, duration_us: u64) {
        let Some(counts) = self.by_code.get(code as usize) else { return };
        let class = usize::from(status / 100).saturating_sub(1);
        let bucket = BOUNDS_US.iter().take_while(|bound| duration_us > **bound).count();
        let counters = [counts.by_class.get(class), counts.by_bucket.get(bucket)];
        for counter in counters.into_iter().flatten() {
            counter.fetch_add(1, Relaxed);
        }
        counts.sum_us.fetch_add(duration_us, Relaxed);
    }

    /// Everything as text, with the backend's numbers.
    pub(crate) fn text(&self, stats: &[(&'static str, u64)]) -> String {
        let mut out = String::with_capacity(16 << 10);
        self.requests(&mut out);
        self.durations(&mut out);
        gauge(&mut out, "http_connections", self.connections.load(Relaxed));
        let broken = self.broken_connections.load(Relaxed);
        gauge(&mut out, "http_broken_connections", broken);
        for (name, value) in stats {
            gauge(&mut out, name, *value);
        }
        out
    }

    fn requests(&self, out: &mut String) {
        out.push_str("# TYPE accord_http_requests_total counter\n");
        for (code, counts) in Code::ALL.iter().zip(&self.by_code) {
            for (class, counter) in counts.by_class.iter().enumerate() {
                let count = counter.load(Relaxed);
                if count > 0 {
                    let (name, class) = (code.name(), class + 1);
                    let _ = writeln!(
                        out,
                        "accord_http_requests_total{{interaction=\"{name}\",status=\"{class}xx\"}} {count}"
                    );
                }
            }
        }
    }

    fn durations(&self, out: &mut String) {
        out.push_str("# TYPE accord_http_request_seconds histogram\n");
        for (code, counts) in Code::ALL.iter().zip(&self.by_code) {
            let total: u64 = counts.by_bucket.iter().map(|b| b.load(Relaxed)).sum();
            if total == 0 {
                continue;
            }
            let name = code.name();
            let mut below = 0;
            for (bucket, bound_us) in counts.by_bucket.iter().zip(BOUNDS_US) {
                below += bucket.load(Relaxed);
                let bound = seconds(bound_us);
                let _ = writeln!(
                    out,
                    "accord_http_request_seconds_bucket{{interaction=\"{name}\",le=\"{bound}\"}} {below}"
                );
            }
            let sum = seconds(counts.sum_us.load(Relaxed));
            let _ = writeln!(
                out,
                "accord_http_request_seconds_bucket{{interaction=\"{name}\",le=\"+Inf\"}} {total}\n\
                 accord_http_request_seconds_sum{{interaction=\"{name}\"}} {sum}\n\
                 accord_http_request_seconds_count{{interaction=\"{name}\"}} {total}"
            );
        }
    }
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

fn gauge(out: &mut String, name: &str, value: u64) {
    let _ = writeln!(out, "# TYPE accord_{name} gauge\naccord_{name} {value}");
}
