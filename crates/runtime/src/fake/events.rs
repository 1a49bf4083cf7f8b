//! Who hears of events, and which of them get lost on the way.

use tokio::sync::mpsc;

use super::dice::Dice;
use crate::RuntimeEvent;

#[derive(Debug, Default)]
pub(super) struct Events {
    listeners: Vec<Listener>,
    /// The probability that an event is lost; its listener hears `Lost` in its place.
    pub loss: f64,
}

#[derive(Debug)]
struct Listener {
    owner: String,
    sender: mpsc::UnboundedSender<RuntimeEvent>,
    /// The last thing sent was `Lost`: saying it again would say nothing.
    told_of_loss: bool,
}

impl Events {
    pub fn subscribe(&mut self, owner: &str) -> mpsc::UnboundedReceiver<RuntimeEvent> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners.push(Listener { owner: owner.to_owned(), sender, told_of_loss: false });
        receiver
    }

    pub fn tell(&mut self, owner: &str, event: &RuntimeEvent, dice: &mut Dice) {
        let loss = self.loss;
        self.listeners.retain_mut(|listener| {
            if listener.owner != owner {
                return !listener.sender.is_closed();
            }
            let lost = loss > 0.0 && dice.chance(loss);
            listener.tell(if lost { RuntimeEvent::Lost } else { event.clone() })
        });
    }

    /// Everybody may have missed something.
    pub fn tell_all_of_loss(&mut self) {
        self.listeners.retain_mut(|listener| listener.tell(RuntimeEvent::Lost));
    }
}

impl Listener {
    /// False if nobody listens any more.
    fn tell(&mut self, event: RuntimeEvent) -> bool {
        let is_loss = event == RuntimeEvent::Lost;
        if is_loss && self.told_of_loss {
            return !self.sender.is_closed();
        }
        self.told_of_loss = is_loss;
        self.sender.send(event).is_ok()
    }
}
