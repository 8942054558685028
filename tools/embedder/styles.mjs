// The drawn styles that the metric is learned on, and which of their options are expression and which are identity.
// Left out on purpose: adventurer, adventurerNeutral, openPeeps, toonHead (the test cast), personas, micah, bigSmile
// (kept for other tests), and the styles whose pictures have no identity to hold (neutral faces, icons, shapes).
import * as collection from "@dicebear/collection";

const SKIN = ["ffdbb4", "edb98a", "d08b5b", "ae5d29", "614335", "f2d3b1", "9e5622", "c68e7a", "ffe0cf", "8d5524", "f5d0c5", "4a2c1a"];
const HAIR = ["0e0e0e", "2c1b18", "4a312c", "724133", "a55728", "b58143", "d6b370", "ecdcbf", "afafaf", "e8e1e1", "c93305", "f59797", "3eac2c", "1d5dff", "8e24aa", "0fa958"];
const CLOTH = ["262e33", "65c9ff", "5199e4", "e6e6e6", "929598", "a7ffc4", "ffafb9", "ffffb1", "ff488e", "b11f1f", "f97316", "545454", "78e185", "e279c7", "0b3286", "fdea6b", "2e7d32", "6d4c41"];
const INK = ["000000", "2c1b18", "0b3286", "b11f1f", "2e7d32", "6d4c41"];
const BODY = [...CLOTH, "ffb300", "1e88e5", "00acc1", "f4511e", "5e35b1", "43a047"];

export const STYLES = {
  avataaars: { varied: ["eyes", "eyebrows", "mouth"], colours: { skinColor: SKIN, hairColor: HAIR, facialHairColor: HAIR, clothesColor: CLOTH, hatColor: CLOTH, accessoriesColor: INK }, shown: ["top", "hairColor", "skinColor", "clothing", "clothesColor"] },
  bigEars: { varied: ["eyes", "mouth", "cheek"], colours: { skinColor: SKIN, hairColor: HAIR }, shown: ["hair", "frontHair", "hairColor", "skinColor", "face"] },
  bottts: { varied: ["eyes", "mouth"], colours: { baseColor: BODY }, shown: ["baseColor", "face", "sides", "top"] },
  croodles: { varied: ["eyes", "mouth"], colours: { baseColor: SKIN, topColor: [...HAIR, ...CLOTH] }, shown: ["top", "topColor", "face", "baseColor"] },
  dylan: { varied: ["mood"], colours: { skinColor: SKIN, hairColor: HAIR }, shown: ["hair", "hairColor", "skinColor"] },
  lorelei: { varied: ["eyes", "eyebrows", "mouth"], colours: { skinColor: [...SKIN, "ffffff", "ffffff"], hairColor: [...HAIR, "000000", "000000"], glassesColor: INK, earringsColor: CLOTH }, shown: ["hair", "hairColor", "skinColor"] },
  miniavs: { varied: ["eyes", "mouth"], colours: { skinColor: SKIN, hairColor: HAIR, bodyColor: CLOTH }, shown: ["hair", "hairColor", "skinColor", "bodyColor", "body"] },
  notionists: { varied: ["brows", "eyes", "lips", "gesture"], colours: {}, shown: ["hair", "body", "glasses"] },
  pixelArt: { varied: ["eyes", "mouth"], colours: { skinColor: SKIN, hairColor: HAIR, clothingColor: CLOTH, hatColor: CLOTH, glassesColor: INK }, shown: ["hair", "hairColor", "skinColor", "clothing", "clothingColor"] },
};

export const drawing = (style) => collection[style];
