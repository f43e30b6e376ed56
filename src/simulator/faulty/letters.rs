//! The dead letters as one process sees them.

use tokio::time::sleep;

use crate::ports::log::{AppendError, DeadLetter, DeadLetters};

use super::super::fault::Fault;
use super::super::plant::Plant;
use super::Side;

/// Dead letters behind an unreliable network.
#[derive(Clone)]
pub(in crate::simulator) struct FaultyLetters(pub(in crate::simulator) Side);

impl DeadLetters for FaultyLetters {
    async fn put(&self, letter: &DeadLetter) -> Result<(), AppendError> {
        let Side { hub, actor, gate, .. } = &self.0;
        gate.pass().await;
        sleep(hub.some_ms(20)).await;
        let (number, offset) = (letter.partition.number, letter.offset);
        if hub.lasts(Fault::LettersDown) {
            hub.trace(*actor, format_args!("cannot keep the letter {number}/{offset}"));
            return Err(AppendError::Unavailable("they are down".to_owned()));
        }
        if self.0.is(Plant::LetterBeforeKept) && hub.draw(|luck| luck.percent(50)) {
            return Ok(());
        }
        hub.letters.put(letter).await?;
        hub.trace(*actor, format_args!("keeps the letter {number}/{offset}: {}", letter.reason));
        sleep(hub.some_ms(20)).await;
        gate.pass().await;
        if hub.strikes(Fault::LettersAnswerLost) {
            return Err(AppendError::Unavailable("the answer is lost".to_owned()));
        }
        Ok(())
    }
}
