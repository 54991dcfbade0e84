import DOMPurify from "dompurify";
import { useEffect, useState } from "react";
import { book, confirm, hold, slots } from "./api";

function Slot({ slot, onPick }) {
  return (
    <li>
      <button onClick={() => onPick(slot.slotId)}>{slot.startsAt}</button>
      {/* the planner writes descriptions with links */}
      <p dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(slot.description) }} />
    </li>
  );
}

export function Slots() {
  const [day, setDay] = useState(new Date().toISOString().slice(0, 10));
  const [free, setFree] = useState([]);
  const [message, setMessage] = useState("");

  useEffect(() => {
    slots(day).then(
      (found) => setFree(found.slots),
      (error) => setMessage(error.message),
    );
  }, [day]);

  async function pick(slotId) {
    try {
      await hold(slotId);
      const email = window.prompt("Your mail address");
      const name = window.prompt("Your name");
      const { bookingId } = await book({ slotId, email, name });
      await confirm(bookingId);
      setMessage("Booked. We have sent you a mail.");
    } catch (error) {
      setMessage(error.message);
    }
  }

  return (
    <section>
      <input type="date" value={day} onChange={(event) => setDay(event.target.value)} />
      <p role="status">{message}</p>
      <ul>
        {free.map((slot) => (
          <Slot key={slot.slotId} slot={slot} onPick={pick} />
        ))}
      </ul>
    </section>
  );
}
