/** Registry name of the images that this node makes itself: it exists nowhere, so that nothing tries to pull them. */
export const IMAGE_REPOSITORY = "cloudnova.local";
