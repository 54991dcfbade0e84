import { createRoot } from "react-dom/client";
import { Bookings } from "./Bookings";
import { Slots } from "./Slots";

createRoot(document.getElementById("app")).render(
  <>
    <Slots />
    <Bookings />
  </>,
);
