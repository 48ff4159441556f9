use std::sync::Arc;

use super::*;

const PLAIN: Style = Style {
    colour_out: false,
    colour_err: false,
    ascii_out: false,
    ascii_err: false,
    people_on_stderr: false,
    columns: None,
};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Closed;

impl Write for Closed {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[track_caller]
fn check(style: Style, print: impl Fn(&Printer), out: &str, err: &str) {
    let (written_out, written_err) = (Captured::default(), Captured::default());
    print(&Printer::to(Box::new(written_out.clone()), Box::new(written_err.clone()), style));
    assert_eq!((written_out.text().as_str(), written_err.text().as_str()), (out, err));
}

#[test]
fn lines_go_where_they_belong() {
    check(PLAIN, |printer| printer.tick("listening"), "✓ listening\n", "");
    check(PLAIN, |printer| printer.cross("kept"), "✗ kept\n", "");
    check(PLAIN, |printer| printer.text("a\nb"), "a\nb\n", "");
    check(PLAIN, |printer| printer.error("no"), "", "no\n");
    check(PLAIN, |printer| printer.json(&[1, 2]), "[1,2]\n", "");
}

#[test]
fn people_move_to_stderr_when_stdout_carries_json() {
    let style = Style { people_on_stderr: true, colour_out: true, ..PLAIN };
    check(style, |printer| printer.tick("listening"), "", "✓ listening\n");
    check(style, |printer| printer.json(&true), "true\n", "");
}

#[test]
fn only_the_mark_is_coloured() {
    let style = Style { colour_out: true, ..PLAIN };
    check(style, |printer| printer.tick("listening"), "\x1b[32m✓\x1b[0m listening\n", "");
    check(style, |printer| printer.cross("kept"), "\x1b[31m✗\x1b[0m kept\n", "");
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let printer = Printer::to(Box::new(Closed), Box::new(Closed), PLAIN);
    printer.tick("listening");
    printer.error("no");
}

#[test]
fn who_forbids_colours() {
    for (env, no_color, allowed) in [
        (EnvMap::default(), false, true),
        (EnvMap::default(), true, false),
        (EnvMap::from([(vars::NO_COLOR, "1")]), false, false),
        (EnvMap::from([(vars::NO_COLOR, "")]), false, false),
        (EnvMap::from([(vars::TERM, "dumb")]), false, false),
        (EnvMap::from([(vars::TERM, "xterm")]), false, true),
    ] {
        assert_eq!(colours_allowed(&env, no_color), allowed, "{env:?} {no_color}");
    }
}
