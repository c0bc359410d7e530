//! Connections that were made before a change which one of them has met.

use std::time::Duration;

use tokio::time::Instant;

use super::overload::{busy_pool, new_connection};

const LATER: Duration = Duration::from_millis(1);

#[test]
fn who_is_known_to_be_outdated_condemns_none_that_are_new() {
    let start = Instant::now();
    let (mut pool, slot) = busy_pool(None, start);
    let old = new_connection(start).lifetime;
    assert!(pool.retire_older(old, start + LATER));
    pool.put_back(slot, Some(new_connection(start + 2 * LATER)), start + 2 * LATER);
    assert!(!pool.retire_older(old, start + 3 * LATER));
    assert_eq!(pool.idle(), 1);
}
