import { useEffect, useState } from "react";
import { bookings, cancel } from "./api";

function Booking({ booking, onCancel }) {
  return (
    <li>
      <h3>{booking.startsAt}</h3>
      <div dangerouslySetInnerHTML={{ __html: `Booked by ${booking.guestName}` }} />
      <button onClick={() => onCancel(booking.bookingId)}>Cancel</button>
    </li>
  );
}

export function Bookings() {
  const [mine, setMine] = useState([]);

  async function load() {
    const found = await bookings();
    setMine(found.bookings);
  }

  useEffect(() => {
    load();
  }, []);

  async function drop(id) {
    await cancel(id);
    await load();
  }

  return (
    <ul>
      {mine.map((booking) => (
        <Booking key={booking.bookingId} booking={booking} onCancel={drop} />
      ))}
    </ul>
  );
}
