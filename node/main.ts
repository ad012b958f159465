// The commands come with the next commit.
export {};
