//! The plan as one page of HTML that needs nothing else.

use crate::plan::{Plan, State};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;text-align:left;padding:.3rem .6rem;\
vertical-align:top}code{background:#8881;padding:0 .2em}.held{color:#b00}.clean{color:#070}.unknown{color:#a60}";

/// Renders a plan.
pub fn plan_html(plan: &Plan) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>shortlease plan</title>\
         <style>{STYLE}</style>\n<h1>Connections held across awaits</h1>\n\
         <p>Functions: <b class=\"clean\">{}</b> clean, <b class=\"held\">{}</b> held, \
         <b class=\"unknown\">{}</b> unknown.</p>\n",
        plan.count(State::Clean),
        plan.count(State::Held),
        plan.count(State::Unknown)
    );
    page.push_str(
        "<table><tr><th>function</th><th>findings and calls</th><th>order of work</th></tr>\n",
    );
    for item in plan.functions.iter().filter(|item| item.state != State::Clean) {
        page.push_str(&format!(
            "<tr><td><code>{}</code><br>{}:{}</td><td><ul>",
            escaped(&item.function),
            escaped(&item.file),
            item.line
        ));
        for line in &item.findings {
            page.push_str(&format!("<li>{}</li>", escaped(line)));
        }
        page.push_str("</ul></td><td><ol>");
        for step in &item.steps {
            page.push_str(&format!("<li>{}</li>", escaped(step)));
        }
        page.push_str("</ol></td></tr>\n");
    }
    page.push_str("</table></html>\n");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
