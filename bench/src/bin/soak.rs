//! All faults, alone and two at once, under load for 10 minutes or what `--minutes` says.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use comfy_table::CellAlignment;
use shortlease_bench::table;
use shortlease_tests::faults::World;
use shortlease_tests::load::Findings;
use shortlease_tests::mounts;
use shortlease_tests::soak::{Round, Tally, list, soak};

const SEED: u64 = 1;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let minutes = match &arguments[..] {
        [] => Some(10.0),
        [name, minutes] if name == "--minutes" => minutes.parse().ok(),
        _ => None,
    };
    let length = minutes.and_then(|minutes: f64| Duration::try_from_secs_f64(60.0 * minutes).ok());
    let Some(length) = length else {
        eprintln!("usage: soak [--minutes N]");
        return ExitCode::from(2);
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    mounts::within(&arguments, |mounts| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut world = World::start(mounts).await;
            run(&mut world, length).await;
        });
    });
    ExitCode::SUCCESS
}

async fn run(world: &mut World, length: Duration) {
    println!("{}; seed {SEED}", world.faults().1);
    let start = Instant::now();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut total = Findings::default();
    soak(world, length, SEED, |round| {
        let seconds = start.elapsed().as_secs();
        let (name, recovery) = (round.name(), round.recovery);
        println!("{:>2}:{:02}  {name}: recovered in {recovery:.0?}", seconds / 60, seconds % 60);
        for wrong in &round.findings.wrong {
            println!("       WRONG: {wrong}");
        }
        let row = if round.faults.len() == 1 { name } else { "two at once".to_owned() };
        tallies.entry(row).or_default().add(round);
        add(&mut total, round);
    })
    .await;
    report(&tallies, &total, start.elapsed());
    assert!(total.wrong.is_empty(), "something was wrong, see above");
}

fn add(total: &mut Findings, Round { findings, .. }: &Round) {
    total.answers += findings.answers;
    total.cuts += findings.cuts;
    total.committed += findings.committed;
    total.failed += findings.failed;
    total.unknown.0 += findings.unknown.0;
    total.unknown.1 += findings.unknown.1;
    total.wrong.extend(findings.wrong.iter().cloned());
}

fn report(tallies: &BTreeMap<String, Tally>, total: &Findings, took: Duration) {
    let header = ["fault", "strikes", "recovery p50", "max", "all slots, max", "failures"];
    let mut table = table::new(header);
    for (name, tally) in tallies {
        let median = tally.recoveries[tally.recoveries.len() / 2];
        let most = tally.recoveries.last().expect("struck at least once");
        table.add_row([
            name.clone(),
            tally.strikes.to_string(),
            format!("{median:.0?}"),
            format!("{most:.0?}"),
            format!("{:.0?}", tally.complete),
            list(&tally.failures).replace(", ", "\n"),
        ]);
    }
    let failures = table.column_mut(header.len() - 1).expect("the last column");
    failures.set_cell_alignment(CellAlignment::Left);
    println!("{}", table.trim_fmt());
    let Findings { answers, cuts, committed, failed, unknown: (unknown, there), wrong, .. } = total;
    println!(
        "{took:.0?}: {answers} calls answered, {cuts} dropped. Ledger: {committed} committed and there, \
         {failed} failed and not there, {unknown} unknown of which {there} there; {} wrong.",
        wrong.len()
    );
}
