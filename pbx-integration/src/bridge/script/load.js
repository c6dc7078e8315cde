wake();
return bridge;
