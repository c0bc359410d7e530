use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::window::WINDOW;

/// More answers than this are not kept.
const ANSWERS: usize = 10_000;

/// More bytes of answers than this are not kept.
const BYTES: usize = 64 << 20;

/// The store of one process.
#[derive(Default)]
pub struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    answers: HashMap<String, (String, Instant)>,
    /// Of all answers.
    bytes: usize,
    counts: HashMap<String, (u64, Instant)>,
}

impl Memory {
    pub(super) fn get(&self, key: &str) -> Option<String> {
        let mut state = self.state();
        let (value, until) = state.answers.get(key)?;
        if *until > Instant::now() {
            return Some(value.clone());
        }
        state.remove(key);
        None
    }

    pub(super) fn put(&self, key: &str, value: String, lifetime: Duration) {
        let (mut state, now) = (self.state(), Instant::now());
        state.remove(key);
        if !state.has_room(&value) {
            state.answers.retain(|_, (_, until)| *until > now);
            state.bytes = state.answers.values().map(|(value, _)| value.len()).sum();
        }
        if state.has_room(&value) {
            state.bytes += value.len();
            state.answers.insert(key.to_owned(), (value, now + lifetime));
        }
    }

    /// The number of calls in this window, this one included, and what is left of the window.
    pub(super) fn count(&self, team: &str) -> (u64, Duration) {
        let (mut state, now) = (self.state(), Instant::now());
        let (count, until) = state.counts.entry(team.to_owned()).or_insert((0, now + WINDOW));
        if *until <= now {
            (*count, *until) = (0, now + WINDOW);
        }
        *count += 1;
        (*count, *until - now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self, value: &str) -> bool {
        self.answers.len() < ANSWERS && self.bytes + value.len() <= BYTES
    }

    fn remove(&mut self, key: &str) {
        if let Some((value, _)) = self.answers.remove(key) {
            self.bytes -= value.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_kept_for_their_time() {
        let memory = Memory::default();
        memory.put("a", "answer".into(), WINDOW);
        memory.put("b", "over".into(), Duration::ZERO);
        assert_eq!(memory.get("a").as_deref(), Some("answer"));
        assert_eq!(memory.get("b"), None);
        assert_eq!(memory.get("c"), None);
    }

    #[test]
    fn answers_are_bounded() {
        let memory = Memory::default();
        for nth in 0..=ANSWERS {
            memory.put(&nth.to_string(), String::new(), WINDOW);
        }
        assert_eq!(memory.state().answers.len(), ANSWERS);
    }

    #[test]
    fn bytes_of_answers_are_bounded() {
        let memory = Memory::default();
        let half = || "x".repeat(BYTES / 2);
        memory.put("a", half(), Duration::ZERO);
        for key in ["b", "b", "c", "d"] {
            memory.put(key, half(), WINDOW);
        }
        let kept = ["a", "b", "c", "d"].map(|key| memory.get(key).is_some());
        assert_eq!(kept, [false, true, true, false]);
        assert_eq!(memory.state().bytes, BYTES / 2 * 2);
    }

    #[test]
    fn each_team_has_a_count() {
        let memory = Memory::default();
        assert_eq!([memory.count("a").0, memory.count("a").0, memory.count("b").0], [1, 2, 1]);
    }
}
