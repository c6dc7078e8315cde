type Body = string;
