use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::window::WINDOW;

/// More answers than this are not kept.
const ANSWERS: usize = 10_000;

/// The store of one process.
#[derive(Default)]
pub struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    answers: HashMap<String, (String, Instant)>,
    counts: HashMap<String, (u64, Instant)>,
}

impl Memory {
    pub(super) fn get(&self, key: &str) -> Option<String> {
        let mut state = self.state();
        let (value, until) = state.answers.get(key)?;
        if *until > Instant::now() {
            return Some(value.clone());
        }
        state.answers.remove(key);
        None
    }

    pub(super) fn put(&self, key: &str, value: String, lifetime: Duration) {
        let (mut state, now) = (self.state(), Instant::now());
        if state.answers.len() >= ANSWERS {
            state.answers.retain(|_, (_, until)| *until > now);
        }
        if state.answers.len() < ANSWERS {
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
    fn each_team_has_a_count() {
        let memory = Memory::default();
        assert_eq!([memory.count("a").0, memory.count("a").0, memory.count("b").0], [1, 2, 1]);
    }
}
