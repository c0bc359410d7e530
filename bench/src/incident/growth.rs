//! More users, larger pools, slower backends: what decides how many connections are needed.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use shortlease_sizing::{Workload, plan};

use crate::table;

use super::answers::Distribution;
use super::files;
use super::limit::Limit;
use super::progress::Progress;
use super::run::{Load, World};
use super::sampler::Sample;
use super::simulation::{LEASES, Simulated, System};
use super::way::Way;

/// Users, connections, and the time of the backend in milliseconds.
const POINTS: [(u64, u32, u64); 10] = [
    (25, 5, 100),
    (250, 5, 3_000),
    (1_000, 5, 3_000),
    (1_000, 20, 3_000),
    (1_000, 80, 3_000),
    (250, 20, 1_000),
    (4_000, 5, 30_000),
    (4_000, 80, 30_000),
    (16_000, 20, 30_000),
    (16_000, 80, 30_000),
];

/// The points that the simulation is compared with, by their place in [`POINTS`].
const COMPARED: [usize; 2] = [2, 8];

/// A lease waits at most so long for its connection, in 99 of 100.
const WAIT: Duration = Duration::from_millis(5);

/// Users of each simulated instance.
const USERS: usize = 40;

const INSTANCES: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// What grows with what.
pub struct Growth {
    command: String,
    points: Vec<Point>,
    compared: Vec<(Point, Simulated)>,
    budgets: Vec<Budget>,
}

/// One measured point.
#[derive(Clone, Copy)]
struct Point {
    users: u64,
    /// Of all servers together.
    pool: u32,
    /// Processes: as many as the users' connections need.
    servers: u32,
    backend: Duration,
    limit: Limit,
    rate: f64,
    /// Connections that were in a statement or a transaction, on average.
    busy: f64,
    added_p99: f64,
}

/// What so many instances need.
struct Budget {
    instances: usize,
    /// Connections of each instance, straight to the database.
    direct: u32,
    /// Connections of each instance behind one `PgBouncer`, and of that to the database.
    instance: u32,
    pooler: u32,
    simulated: Simulated,
}

/// Measures, simulates, and plans. `program` is this one.
///
/// # Errors
/// If a process cannot be started, or ends before it should.
pub async fn grow(program: PathBuf, command: String, length: Duration) -> io::Result<Growth> {
    let world = World::start(program, &steady(0)).await?;
    let machine = world.measure(20, length).await?;
    let mut points = Vec::new();
    for (nth, (users, pool, backend)) in POINTS.into_iter().enumerate() {
        points.push(measure(&world, nth, users, pool, backend, machine, length).await?);
    }
    let compared = COMPARED.map(|nth| (points[nth], points[nth].simulate())).to_vec();
    let hold = points[COMPARED[0]].hold();
    let budgets = INSTANCES.map(|instances| budget(instances, hold)).into_iter().collect();
    Ok(Growth { command, points, compared, budgets })
}

fn steady(milliseconds: u64) -> Distribution {
    Distribution { seed: 1, speed: 1.0, steady_ms: Some(milliseconds) }
}

async fn measure(
    world: &World,
    nth: usize,
    users: u64,
    pool: u32,
    backend: u64,
    machine: f64,
    length: Duration,
) -> io::Result<Point> {
    let (distribution, backend) = (steady(backend), Duration::from_millis(backend));
    // The users come over a whole time of the backend, so that their calls are spread.
    let (arrival, warm_up) = (backend, backend.mul_f64(1.25).max(length / 3));
    let load = Load { users, pool, length: warm_up + length, arrival, warm_up, distribution };
    let progress = Progress::start(&format!("{users} users, pool {pool}"), load.length);
    let run = world.run(Way::Shortlease, &format!("growth_{nth}"), &load, &progress).await?;
    progress.finish();
    let counted: Vec<_> = run.samples.iter().filter(|sample| sample.at >= run.warm_up).collect();
    let busy = |sample: &&Sample| sample.sessions.active + sample.sessions.idle_in_transaction;
    let busy: i64 = counted.iter().map(busy).sum();
    Ok(Point {
        users,
        pool,
        servers: files::servers(users)?,
        backend,
        limit: Limit { users: users as f64 / backend.as_secs_f64(), machine },
        rate: run.totals.rate(),
        busy: busy as f64 / counted.len().max(1) as f64,
        added_p99: run.totals.added.p99,
    })
}

impl Point {
    /// For which a call holds connections, in all its leases.
    fn hold(&self) -> Duration {
        Duration::from_secs_f64(self.busy / self.rate)
    }

    fn simulate(&self) -> Simulated {
        let instances = self.servers as usize;
        let system = System {
            instances,
            users: usize::try_from(self.users).unwrap_or(usize::MAX) / instances,
            pool: self.pool.div_ceil(self.servers) as usize,
            servers: None,
            holds: holds(self.hold()),
            distribution: Distribution { steady_ms: Some(milliseconds(self.backend)), ..steady(0) },
        };
        system.simulate(4 * self.backend, 10 * self.backend)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A call has six round trips, of which the transaction has four.
fn holds(call: Duration) -> [Duration; LEASES] {
    [call / 6, call / 6, 4 * call / 6]
}

fn budget(instances: usize, hold: Duration) -> Budget {
    let distribution = Distribution { seed: 1, speed: 1.0, steady_ms: None };
    let call_time = distribution.mean();
    let workload = Workload {
        sessions: u32::try_from(instances * USERS).expect("fewer users than that"),
        calls_per_second: 1.0 / call_time.as_secs_f64(),
        call_time,
        leases_per_call: LEASES as f64,
        database_time: hold / LEASES as u32,
        target_wait: WAIT,
        instances: u32::try_from(instances).expect("fewer instances than that"),
        ..Workload::default()
    };
    let plan = plan(&workload).expect("a workload within the limits");
    let system = System {
        instances,
        users: USERS,
        pool: plan.instance.connections() as usize,
        servers: Some(plan.pooler.connections() as usize),
        holds: holds(hold),
        distribution,
    };
    Budget {
        instances,
        direct: plan.direct.connections(),
        instance: plan.instance.connections(),
        pooler: plan.pooler.connections(),
        simulated: system.simulate(8 * call_time, 4 * call_time),
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}", self.command)?;
        writeln!(f, "{}", self.measured())?;
        writeln!(f, "\nThe simulation against two of them:\n{}", self.comparison())?;
        write!(
            f,
            "\n{USERS} users for each instance; 99 of 100 leases wait for {WAIT:?} at most:\n"
        )?;
        write!(f, "{}", self.budget())
    }
}

impl Growth {
    fn measured(&self) -> String {
        let mut table = table::new([
            "users", "servers", "pool", "backend", "calls/s", "limit", "of limit", "added p99",
            "connections busy", "if held",
        ]);
        for point in &self.points {
            table.add_row([
                point.users.to_string(),
                point.servers.to_string(),
                point.pool.to_string(),
                format!("{:?}", point.backend),
                format!("{:.1}", point.rate),
                format!("{:.1}", point.limit.calls()),
                format!("{:.1} %", 100.0 * point.rate / point.limit.calls()),
                format!("{:.1} ms", point.added_p99),
                format!("{:.2}", point.busy),
                point.users.to_string(),
            ]);
        }
        table.trim_fmt()
    }

    fn comparison(&self) -> String {
        let mut table = table::new([
            "users", "pool", "backend", "calls/s measured", "simulated", "busy measured",
            "simulated",
        ]);
        for (point, simulated) in &self.compared {
            table.add_row([
                point.users.to_string(),
                point.pool.to_string(),
                format!("{:?}", point.backend),
                format!("{:.1}", point.rate),
                format!("{:.1}", simulated.rate),
                format!("{:.2}", point.busy),
                format!("{:.2}", simulated.busy),
            ]);
        }
        table.trim_fmt()
    }

    fn budget(&self) -> String {
        let mut table = table::new([
            "instances", "users", "calls/s", "busy", "wait p99", "each, direct", "all, direct",
            "each, pooled", "at the database", "if held",
        ]);
        for budget in &self.budgets {
            let Budget { instances, direct, instance, pooler, simulated } = budget;
            table.add_row([
                instances.to_string(),
                (instances * USERS).to_string(),
                format!("{:.1}", simulated.rate),
                format!("{:.2}", simulated.busy),
                format!("{:.1?}", simulated.wait_p99),
                direct.to_string(),
                (*direct as usize * instances).to_string(),
                instance.to_string(),
                pooler.to_string(),
                (instances * USERS).to_string(),
            ]);
        }
        table.trim_fmt()
    }
}
