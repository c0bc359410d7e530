//! Plots of the runs over time, one column for each way.

use plotters::coord::Shift;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;

use super::run::Run;

type Drawn<T> = Result<T, Box<dyn std::error::Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const PANEL: (u32, u32) = (310, 210);
const LEGEND: u32 = 28;
const LEFT: u32 = 64;

/// Colours for one kind of page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    background: RGBColor,
    text: RGBColor,
    grid: RGBColor,
    calm: RGBColor,
    alarm: RGBColor,
    busy: RGBColor,
}

impl Palette {
    /// Dark on light.
    pub(super) const LIGHT: Palette = Palette {
        background: RGBColor(255, 255, 255),
        text: RGBColor(36, 41, 47),
        grid: RGBColor(216, 222, 228),
        calm: RGBColor(9, 105, 218),
        alarm: RGBColor(207, 34, 46),
        busy: RGBColor(26, 127, 55),
    };
    /// Light on dark.
    pub(super) const DARK: Palette = Palette {
        background: RGBColor(13, 17, 23),
        text: RGBColor(230, 237, 243),
        grid: RGBColor(48, 54, 61),
        calm: RGBColor(88, 166, 255),
        alarm: RGBColor(255, 123, 114),
        busy: RGBColor(63, 185, 80),
    };
}

/// What a row of panels shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Metric {
    /// Open, in a statement, and idle in a transaction.
    Connections,
    /// Calls served, and the limit of users and backend.
    Throughput { limit: f64 },
    /// What the server adds to the backend's time.
    Added,
    /// Requests that wait for a connection.
    Waiters,
}

struct Line {
    name: &'static str,
    colour: RGBColor,
    points: Vec<(f64, f64)>,
}

impl Metric {
    fn title(self) -> &'static str {
        match self {
            Metric::Connections => "connections to the database",
            Metric::Throughput { .. } => "calls per second",
            Metric::Added => "latency added, ms",
            Metric::Waiters => "requests waiting for a connection",
        }
    }

    fn is_logarithmic(self) -> bool {
        matches!(self, Metric::Added)
    }

    fn lines(self, run: &Run, palette: &Palette) -> Vec<Line> {
        let sampled = |value: fn(&super::sampler::Sample) -> Option<f64>| {
            run.samples.iter().filter_map(|sample| Some((sample.at, value(sample)?))).collect()
        };
        let line = |name, colour, points| Line { name, colour, points };
        match self {
            Metric::Connections => vec![
                line("open", palette.calm, sampled(|s| Some(s.sessions.connections as f64))),
                line("in a statement", palette.busy, sampled(|s| Some(s.sessions.active as f64))),
                line(
                    "idle in transaction",
                    palette.alarm,
                    sampled(|s| Some(s.sessions.idle_in_transaction as f64)),
                ),
            ],
            Metric::Throughput { limit } => {
                let seconds = run.seconds.iter();
                let end = run.seconds.last().map_or(0.0, |second| second.at);
                vec![
                    line("served", palette.calm, seconds.map(|s| (s.at, s.rate())).collect()),
                    line("limit", palette.alarm, vec![(0.0, limit), (end, limit)]),
                ]
            }
            Metric::Added => {
                let seconds = || run.seconds.iter().filter(|second| second.added.max > 0.0);
                let floor = |ms: f64| ms.max(0.1);
                vec![
                    line(
                        "p99",
                        palette.alarm,
                        seconds().map(|s| (s.at, floor(s.added.p99))).collect(),
                    ),
                    line(
                        "p50",
                        palette.calm,
                        seconds().map(|s| (s.at, floor(s.added.p50))).collect(),
                    ),
                ]
            }
            Metric::Waiters => {
                vec![line("waiting", palette.alarm, sampled(|s| Some(s.waiting? as f64)))]
            }
        }
    }
}

/// Draws a row for each metric; returns the SVG.
///
/// # Errors
/// If there is nothing to draw.
pub(super) fn draw(runs: &[Run], metrics: &[Metric], palette: &Palette) -> Drawn<String> {
    let mut svg = String::new();
    let rows = u32::try_from(metrics.len())?;
    let columns = u32::try_from(runs.len())?;
    let size = (LEFT + columns * PANEL.0, rows * (PANEL.1 + LEGEND) + LEGEND);
    let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    root.fill(&palette.background)?;
    let (titles, mut rest) = root.split_vertically(LEGEND);
    for (nth, run) in runs.iter().enumerate() {
        let left = LEFT + u32::try_from(nth)? * PANEL.0;
        titles.draw_text(&run.way.to_string(), &title(palette, 17), (left.cast_signed(), 8))?;
    }
    for metric in metrics {
        let (legend, below) = rest.split_vertically(LEGEND);
        let (row, below) = below.split_vertically(PANEL.1);
        draw_legend(&legend, *metric, &runs[0], palette)?;
        draw_row(&row, *metric, runs, palette)?;
        rest = below;
    }
    root.present()?;
    drop((root, titles, rest));
    Ok(svg)
}

fn text(palette: &Palette, size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&palette.text)
}

fn title(palette: &Palette, size: i32) -> TextStyle<'static> {
    ("sans-serif", size, FontStyle::Bold).into_font().color(&palette.text)
}

fn draw_legend(area: &Area<'_>, metric: Metric, run: &Run, palette: &Palette) -> Drawn<()> {
    let mut left = LEFT.cast_signed();
    let style = text(palette, 15);
    area.draw_text(metric.title(), &title(palette, 15), (left, 9))?;
    left += 300;
    for Line { name, colour, .. } in metric.lines(run, palette) {
        area.draw(&PathElement::new([(left, 16), (left + 22, 16)], colour.stroke_width(3)))?;
        area.draw_text(name, &style, (left + 28, 9))?;
        left += 48 + 8 * i32::try_from(name.len())?;
    }
    Ok(())
}

fn draw_row(area: &Area<'_>, metric: Metric, runs: &[Run], palette: &Palette) -> Drawn<()> {
    let points = |run: &Run| metric.lines(run, palette).into_iter().flat_map(|line| line.points);
    let most = runs.iter().flat_map(points).map(|(_, y)| y).fold(1.0, f64::max);
    let mut rest = area.clone();
    for (nth, run) in runs.iter().enumerate() {
        // The first has the labels that all share.
        let labels = if nth == 0 { LEFT } else { 0 };
        let (panel, right) = rest.split_horizontally(labels + PANEL.0);
        draw_panel(&panel, metric, run, most, labels, palette)?;
        rest = right;
    }
    Ok(())
}

fn draw_panel(
    area: &Area<'_>,
    metric: Metric,
    run: &Run,
    most: f64,
    labels: u32,
    palette: &Palette,
) -> Drawn<()> {
    let end = run.seconds.last().map_or(1.0, |second| second.at).max(1.0);
    let mut builder = ChartBuilder::on(area);
    builder.margin_right(18).margin_top(4).x_label_area_size(26);
    builder.y_label_area_size(labels);
    let lines = metric.lines(run, palette);
    if metric.is_logarithmic() {
        let chart = builder.build_cartesian_2d(0.0..end, (0.1..2.0 * most).log_scale())?;
        draw_lines(chart, lines, palette)
    } else {
        let chart = builder.build_cartesian_2d(0.0..end, 0.0..1.08 * most)?;
        draw_lines(chart, lines, palette)
    }
}

fn draw_lines<Y>(
    mut chart: ChartContext<
        '_,
        SVGBackend<'_>,
        Cartesian2d<plotters::coord::types::RangedCoordf64, Y>,
    >,
    lines: Vec<Line>,
    palette: &Palette,
) -> Drawn<()>
where
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(palette.background)
        .bold_line_style(palette.grid)
        .axis_style(palette.grid)
        .label_style(text(palette, 13))
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&|seconds| format!("{seconds:.0} s"))
        .y_label_formatter(&|value| short(*value))
        .draw()?;
    for Line { colour, mut points, .. } in lines {
        let shown = chart.x_range();
        points.retain(|(at, _)| (shown.start..=shown.end).contains(at));
        chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
    }
    Ok(())
}

fn short(value: f64) -> String {
    match value {
        1e3.. => format!("{}k", value / 1e3),
        _ => format!("{value}"),
    }
}
