//! One direction of a socket: frames under way, each with the moment at which it arrives.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::time::{Instant, sleep_until};

use super::{Network, Route, Way};
use crate::trace::tell;

/// How long a connection lives on without anything getting through.
const PATIENCE: Duration = Duration::from_secs(75);

pub(super) struct Lane<'a> {
    network: &'a Network,
    route: Route,
    way: Way,
    under_way: BTreeMap<(Instant, u64), String>,
    sent: u64,
    /// No frame that goes straight arrives before this.
    last: Instant,
}

impl<'a> Lane<'a> {
    pub(super) fn new(network: &'a Network, route: Route, way: Way) -> Self {
        Self { network, route, way, under_way: BTreeMap::new(), sent: 0, last: Instant::now() }
    }

    /// Carries frames until the sender is gone and all has arrived, or until something is wrong.
    pub(super) async fn carry<T, F>(
        &mut self,
        source: &mut mpsc::Receiver<String>,
        deliver: impl Fn(String) -> F,
    ) -> Result<(), &'static str>
    where
        F: Future<Output = Result<(), SendError<T>>>,
    {
        let mut is_open = true;
        while is_open || !self.under_way.is_empty() {
            let next = self.under_way.keys().next().map(|(due, _)| *due);
            tokio::select! {
                biased;
                frame = source.recv(), if is_open => match frame {
                    Some(frame) => self.send(frame),
                    None => is_open = false,
                },
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    if !self.network.opened(self.route, self.way, PATIENCE).await {
                        return Err("nothing got through for too long");
                    }
                    if let Some((_, frame)) = self.under_way.pop_first()
                        && deliver(frame).await.is_err()
                    {
                        return Err("the other end is gone");
                    }
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, frame: String) {
        let weather = self.network.weather(self.route);
        let fate = self.network.draw(|dice| weather.fate(dice));
        let (trace, place, way) = (&self.network.0.trace, self.route.from, self.way);
        let kind = kind(&frame);
        match fate.arrivals.len() {
            0 => tell!(trace, "{place} {way:?} {kind}: lost"),
            1 if !fate.strays => {}
            1 => tell!(trace, "{place} {way:?} {kind}: held up"),
            _ => tell!(trace, "{place} {way:?} {kind}: twice"),
        }
        for time in fate.arrivals {
            let mut due = Instant::now() + time;
            if !fate.strays {
                due = due.max(self.last);
                self.last = due;
            }
            self.sent += 1;
            self.under_way.insert((due, self.sent), frame.clone());
        }
    }
}

/// What a frame says that it is; frames of telemetry have signed lines before their body.
fn kind(frame: &str) -> &str {
    let rest = frame.split_once(r#""type":""#).map_or("", |(_, rest)| rest);
    rest.split_once('"').map_or("a frame", |(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::super::{Place, Weather};
    use super::*;
    use crate::dice::Dice;
    use crate::trace::Trace;

    const ROUTE: Route = Route { from: Place::Host(0), server: 0 };

    async fn carried(weather: Weather, frames: usize) -> Vec<String> {
        let network = Network::new(Dice::new(3), Trace::new(0), 1);
        network.set_weather(Place::Host(0), weather);
        let (source, mut from) = mpsc::channel(frames);
        let (to, mut sink) = mpsc::unbounded_channel();
        for number in 0..frames {
            source.send(number.to_string()).await.unwrap();
        }
        drop(source);
        let mut lane = Lane::new(&network, ROUTE, Way::Up);
        lane.carry(&mut from, |frame| std::future::ready(to.send(frame))).await.unwrap();
        drop(to);
        let mut arrived = Vec::new();
        while let Some(frame) = sink.recv().await {
            arrived.push(frame);
        }
        arrived
    }

    fn in_order(frames: usize) -> Vec<String> {
        (0..frames).map(|number| number.to_string()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn fair_weather_keeps_the_order() {
        assert_eq!(carried(Weather::default(), 50).await, in_order(50));
    }

    #[tokio::test(start_paused = true)]
    async fn storms_lose_double_and_reorder() {
        let lossy = carried(Weather { loss: 0.5, ..Weather::default() }, 50).await;
        assert!(
            lossy.len() < 50
                && !lossy.is_empty()
                && lossy.is_sorted_by_key(|frame| frame.parse::<u32>().ok())
        );
        assert!(carried(Weather { duplication: 0.5, ..Weather::default() }, 50).await.len() > 50);
        let shuffled = carried(Weather { reordering: 0.5, ..Weather::default() }, 50).await;
        assert_ne!(shuffled, in_order(50));
        assert_eq!(shuffled.len(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn what_stays_blocked_is_given_up() {
        let network = Network::new(Dice::new(3), Trace::new(0), 1);
        network.set_weather(Place::Host(0), Weather { down_blocked: true, ..Weather::default() });
        let (source, mut from) = mpsc::channel(1);
        source.send("x".to_owned()).await.unwrap();
        let mut lane = Lane::new(&network, ROUTE, Way::Down);
        let deliver = |frame| std::future::ready(Err::<(), _>(SendError(frame)));
        let (begun, ended) = (Instant::now(), lane.carry(&mut from, deliver).await);
        assert_eq!(ended, Err("nothing got through for too long"));
        assert!(begun.elapsed() >= PATIENCE);
    }
}
