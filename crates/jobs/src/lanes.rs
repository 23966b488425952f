//! How many receivers are sent to at a time, so that slow ones do not keep others waiting.

use std::collections::{BTreeMap, BTreeSet};

/// Bounds of what is sent at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// In all.
    pub all: usize,
    /// Of these to receivers that do not answer well, or did not answer yet.
    pub slow: usize,
    /// To one host.
    pub each_host: usize,
    /// Of these to receivers that do not answer well.
    pub slow_each_host: usize,
}

impl Default for Bounds {
    /// 256, of these 192 to slow ones; 16 to one host, of these 8 to slow ones.
    fn default() -> Bounds {
        Bounds { all: 256, slow: 192, each_host: 16, slow_each_host: 8 }
    }
}

/// A subscription for which something is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// Its id.
    pub id: String,
    /// The host of its receiver; nothing where there is none to wait for: at websockets.
    pub host: Option<String>,
    /// Whether the receiver has yet to answer well: quickly, with a status of 2xx.
    pub slow: bool,
}

/// What is being sent.
#[derive(Default)]
pub(crate) struct Lanes {
    bounds: Bounds,
    taken: Taken,
    by_host: BTreeMap<String, Taken>,
    busy: BTreeSet<String>,
}

/// Places that are taken.
#[derive(Clone, Copy, Default)]
struct Taken {
    all: usize,
    slow: usize,
}

impl Taken {
    fn has_room(self, due: &Due, all: usize, slow: usize) -> bool {
        self.all < all && (!due.slow || self.slow < slow)
    }

    fn add(&mut self, due: &Due) {
        self.all += 1;
        self.slow += usize::from(due.slow);
    }

    fn take(&mut self, due: &Due) {
        self.all = self.all.saturating_sub(1);
        self.slow = self.slow.saturating_sub(usize::from(due.slow));
    }
}

impl Lanes {
    /// Within bounds.
    pub fn new(bounds: Bounds) -> Lanes {
        Lanes { bounds, ..Lanes::default() }
    }

    /// Takes a place, if there is one and the subscription has none yet. Websockets need none.
    pub fn enter(&mut self, due: &Due) -> bool {
        if !self.has_room(due) || self.busy.contains(&due.id) {
            return false;
        }
        self.busy.insert(due.id.clone());
        if let Some(host) = &due.host {
            self.taken.add(due);
            self.by_host.entry(host.clone()).or_default().add(due);
        }
        true
    }

    fn has_room(&self, due: &Due) -> bool {
        let Bounds { all, slow, each_host, slow_each_host } = self.bounds;
        let Some(host) = &due.host else { return true };
        let of_host = self.by_host.get(host).copied().unwrap_or_default();
        self.taken.has_room(due, all, slow) && of_host.has_room(due, each_host, slow_each_host)
    }

    /// Gives a place back that was taken for this.
    pub fn leave(&mut self, due: &Due) {
        let Some(host) = self.busy.remove(&due.id).then_some(due.host.as_ref()).flatten() else {
            return;
        };
        self.taken.take(due);
        if let Some(of_host) = self.by_host.get_mut(host) {
            of_host.take(due);
            if of_host.all == 0 {
                self.by_host.remove(host);
            }
        }
    }

    /// Whether nothing is being sent.
    pub fn is_empty(&self) -> bool {
        self.busy.is_empty()
    }
}

/// Whose turn it is: whoever found no room the last time comes first. Those who answer well and
/// those who do not take turns apart, so that who is quick keeps none of the slow from theirs.
#[derive(Default)]
pub(crate) struct Turns {
    /// Who was let in last: of those who answer well, and of the others.
    last: [String; 2],
}

impl Turns {
    /// Lets in whom there is room for, of all that are due in the order of their ids.
    pub fn let_in(&mut self, due: Vec<Due>, lanes: &mut Lanes) -> Vec<Due> {
        let (slow, well): (Vec<Due>, Vec<Due>) = due.into_iter().partition(|due| due.slow);
        let mut all = Vec::new();
        for (last, mut due) in self.last.iter_mut().zip([well, slow]) {
            let next = due.iter().position(|due| due.id > *last).unwrap_or_default();
            due.rotate_left(next);
            for due in due.into_iter().filter(|due| lanes.enter(due)) {
                last.clone_from(&due.id);
                all.push(due);
            }
        }
        all
    }
}

/// The host of an address, with its port, in small letters.
pub(crate) fn host(endpoint: &str) -> String {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(id: usize, host: &str, slow: bool) -> Due {
        Due { id: id.to_string(), host: Some(host.to_owned()), slow }
    }

    #[test]
    fn websockets_wait_for_no_place() {
        let mut lanes = Lanes::new(Bounds { all: 1, slow: 1, each_host: 1, slow_each_host: 1 });
        let socket = |id: usize| Due { id: id.to_string(), host: None, slow: false };
        assert!((0..50).all(|id| lanes.enter(&socket(id))));
        assert!(!lanes.enter(&socket(0)), "one at a time");
        assert!(lanes.enter(&due(50, "h", false)) && !lanes.enter(&due(51, "h", false)));
        (0..50).for_each(|id| lanes.leave(&socket(id)));
        assert!(lanes.enter(&socket(0)) && !lanes.enter(&due(51, "h", false)));
    }

    #[test]
    fn slow_receivers_leave_room_for_others() {
        let bounds = Bounds { all: 8, slow: 6, each_host: 4, slow_each_host: 2 };
        let mut lanes = Lanes::new(bounds);
        let slow: Vec<Due> = (0..50).map(|n| due(n, &format!("h{}", n / 5), true)).collect();
        let taken: Vec<&Due> = slow.iter().filter(|due| lanes.enter(due)).collect();
        assert_eq!(taken.len(), 6);
        assert!(!lanes.enter(&due(0, "h0", true)), "one at a time");
        assert!(lanes.enter(&due(100, "h0", false)) && lanes.enter(&due(101, "h0", false)));
        assert!(!lanes.enter(&due(102, "h0", false)), "all are taken");
        for due in taken {
            lanes.leave(due);
            lanes.leave(due);
        }
        assert!(lanes.enter(&due(103, "h0", false)) && lanes.enter(&due(104, "h0", false)));
        assert!(!lanes.enter(&due(105, "h0", false)), "of one host");
        for id in [100, 101, 103, 104] {
            lanes.leave(&due(id, "h0", false));
        }
        assert!(lanes.is_empty() && lanes.by_host.is_empty() && lanes.taken.all == 0);
    }

    #[test]
    fn the_slow_take_turns_beside_one_that_is_always_due() {
        let bounds = Bounds { all: 4, slow: 2, each_host: 2, slow_each_host: 2 };
        let (mut lanes, mut turns) = (Lanes::new(bounds), Turns::default());
        let all: Vec<Due> = (0..5).map(|id| due(id, &format!("h{id}"), id < 4)).collect();
        let mut counts = [0; 5];
        let mut under_way: Vec<(Due, u32)> = Vec::new();
        for look in 0..200 {
            for due in turns.let_in(all.clone(), &mut lanes) {
                if let Some(count) = due.id.parse().ok().and_then(|id: usize| counts.get_mut(id)) {
                    *count += 1;
                }
                let ends = look + if due.slow { 20 } else { 1 };
                under_way.push((due, ends));
            }
            under_way.retain(|(due, ends)| {
                let goes_on = *ends > look + 1;
                if !goes_on {
                    lanes.leave(due);
                }
                goes_on
            });
        }
        assert_eq!(counts, [5, 5, 5, 5, 200]);
    }

    #[test]
    fn hosts_are_read_from_addresses() {
        for (endpoint, expect) in [
            ("https://Lab.example/in", "lab.example"),
            ("https://lab.example:8443?x=/", "lab.example:8443"),
            ("https://[2001:db8::1]:9/x", "[2001:db8::1]:9"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(host(endpoint), expect);
        }
    }
}
