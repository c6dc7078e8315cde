type Body = string | { [name: string]: any };
