//! What is a schedule, and the times of cron expressions by table.

use proptest::prelude::*;

use super::*;
use crate::Timestamp;

fn cron(text: &str) -> Cron {
    match text.parse() {
        Ok(Schedule::Cron(cron)) => cron,
        other => panic!("{text}: {other:?}"),
    }
}

/// The next times after the start of a Thursday, 2026-01-01.
#[test]
fn times_come_as_aws_says() {
    let table: &[(&str, [&str; 3])] = &[
        ("cron(0 10 * * ? *)", ["2026-01-01T10:00", "2026-01-02T10:00", "2026-01-03T10:00"]),
        ("cron(0 */8 * * ? *)", ["2026-01-01T08:00", "2026-01-01T16:00", "2026-01-02T00:00"]),
        ("cron(0 8/6 * * ? *)", ["2026-01-01T08:00", "2026-01-01T14:00", "2026-01-01T20:00"]),
        ("cron(0/15 9-10 1 * ? *)", ["2026-01-01T09:00", "2026-01-01T09:15", "2026-01-01T09:30"]),
        ("cron(0 0 1 */3 ? *)", ["2026-04-01T00:00", "2026-07-01T00:00", "2026-10-01T00:00"]),
        ("cron(0 17 L * ? *)", ["2026-01-31T17:00", "2026-02-28T17:00", "2026-03-31T17:00"]),
        ("cron(0 0 LW * ? *)", ["2026-01-30T00:00", "2026-02-27T00:00", "2026-03-31T00:00"]),
        // The 1st of February 2026 is a Sunday, that of August a Saturday.
        ("cron(0 0 1W 2,8 ? *)", ["2026-02-02T00:00", "2026-08-03T00:00", "2027-02-01T00:00"]),
        ("cron(0 16 ? * 6L *)", ["2026-01-30T16:00", "2026-02-27T16:00", "2026-03-27T16:00"]),
        ("cron(0 16 ? * FRI#1 *)", ["2026-01-02T16:00", "2026-02-06T16:00", "2026-03-06T16:00"]),
        ("cron(0 0 ? * MON#5 *)", ["2026-03-30T00:00", "2026-06-29T00:00", "2026-08-31T00:00"]),
        (
            "cron(30 1 ? * SAT-SAT,sun *)",
            ["2026-01-03T01:30", "2026-01-04T01:30", "2026-01-10T01:30"],
        ),
        ("cron(0 0 ? * L *)", ["2026-01-03T00:00", "2026-01-10T00:00", "2026-01-17T00:00"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("cron(0 0 1 1 ? 2030/100)", ["2030-01-01T00:00", "2130-01-01T00:00", ""]),
    ];
    for (text, expected) in table {
        let cron = cron(text);
        let mut now: Option<Timestamp> = Some("2026-01-01T00:00:00Z".parse().unwrap());
        for expected in expected {
            now = now.and_then(|now| cron.next_after(now));
            let expected = Some(*expected).filter(|text| !text.is_empty());
            assert_eq!(now, expected.map(|text| format!("{text}:00Z").parse().unwrap()), "{text}");
        }
    }
}

/// In spring and autumn too: there is no summer in UTC.
#[test]
fn every_day_has_every_hour() {
    let (cron, mut now) = (cron("cron(0 2 * * ? *)"), "2026-03-28T02:00:00Z".parse().unwrap());
    for _ in 0..365 {
        let next = cron.next_after(now).unwrap();
        assert_eq!(next.since(now), Duration::from_secs(24 * 60 * 60));
        now = next;
    }
}

#[test]
fn rates_are_as_long_as_they_say() {
    for (text, seconds) in
        [("rate(1 minute)", 60), ("rate(12 hours)", 43_200), ("rate(10 days)", 864_000)]
    {
        let schedule: Schedule = text.parse().unwrap();
        let Schedule::Rate(rate) = schedule else { panic!("{text}") };
        assert_eq!(rate.period(), Duration::from_secs(seconds));
        assert_eq!(Schedule::Rate(rate).to_string(), text);
    }
}

#[test]
fn what_is_no_schedule_is_refused_with_the_reason() {
    for (text, why) in [
        ("every day", "it is rate(…) or cron(…)"),
        ("rate(0 days)", "its number is a positive one"),
        ("rate(3 weeks)", "its unit is minutes, hours or days"),
        ("rate(days)", "it has a number and a unit"),
        ("cron(0 10 * * ?)", "it has six fields"),
        ("cron(0 10 * * * *)", "either the day of month or the day of week is `?`"),
        ("cron(0 10 ? * ? *)", "either the day of month or the day of week is `?`"),
        ("cron(60 10 * * ? *)", "`60` is not possible for minutes"),
        ("cron(0 10 0 * ? *)", "`0` is not possible for day of month"),
        ("cron(0 9-8 * * ? *)", "`9-8` is not possible for hours"),
        ("cron(0 */0 * * ? *)", "`*/0` is not possible for hours"),
        ("cron(0 0 ? * MON#6 *)", "`MON#6` is not possible for day of week"),
        ("cron(0 0 ? FOO MON *)", "`FOO` is not possible for month"),
    ] {
        let error = text.parse::<Schedule>().unwrap_err();
        assert_eq!(error.to_string(), format!("`{text}` is not a schedule: {why}"));
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "(rate|cron)\\([0-9*?/#LW, A-Z-]{0,24}\\)", at in any::<i64>()) {
        if let Ok(schedule) = text.parse::<Schedule>() {
            prop_assert_eq!(&schedule.to_string().parse::<Schedule>(), &Ok(schedule.clone()));
            if let Schedule::Cron(cron) = schedule {
                let at = Timestamp::from_millis(at);
                prop_assert!(cron.next_after(at).is_none_or(|next| next > at));
            }
        }
    }
}
