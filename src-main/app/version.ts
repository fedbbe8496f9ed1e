/** Of the app; the same as in package.json, which a test holds it to. Told to the other members in every hello. */
export const appVersion = '0.1.0'
