//! The two rows, and what went wrong.

use std::time::Duration;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use crate::load::Outcome;

const RULE: LineStyle = LineStyle::none().fill('─').junction('─');
const STYLE: TableStyle =
    TableStyle::new().top_border(RULE).header_separator(RULE).bottom_border(RULE);

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) longest_hold: Duration,
    pub(crate) recorded: i64,
}

pub(crate) fn print(rows: &[Row]) {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(["", "requests/s", "p50", "p99", "longest hold", "failures", "recorded"]);
    for Row { name, outcome, longest_hold, recorded } in rows {
        let latency =
            |quantile| millis(Duration::from_micros(outcome.latency.value_at_quantile(quantile)));
        table.add_row([
            (*name).to_owned(),
            format!("{:.1}", per_second(outcome.succeeded, outcome.elapsed)),
            latency(0.50),
            latency(0.99),
            millis(*longest_hold),
            outcome.failed().to_string(),
            recorded.to_string(),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("\n{}\n", table.trim_fmt());
    println!("requests/s: calls that succeeded. Latency: all calls, to the answer or the failure.");
    for Row { name, outcome, .. } in rows {
        for (reason, times) in outcome.failures.iter().take(3) {
            println!("{name}: {times} failed with: {reason}");
        }
    }
}

fn per_second(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

fn millis(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1e3)
}
