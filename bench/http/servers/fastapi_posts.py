"""FastAPI with python-jose, the stack many tutorials teach; told by environment variables whom to trust."""
import base64
import os

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt

secret = base64.urlsafe_b64decode(os.environ["BENCH_SECRET"] + "=")
issuer = os.environ["BENCH_ISSUER"]
audience = os.environ["BENCH_AUDIENCE"]
oauth2 = OAuth2PasswordBearer(tokenUrl="login")
app = FastAPI()


async def identity(token: str = Depends(oauth2)) -> dict:
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], issuer=issuer, audience=audience)
    except JWTError:
        raise HTTPException(status_code=401)


@app.get("/posts", dependencies=[] if os.environ["BENCH_VARIANT"] == "bare" else [Depends(identity)])
async def posts() -> dict:
    return {
        "posts": [
            {"id": 1, "title": "First post", "content": "Hello from the bench"},
            {"id": 2, "title": "Second post", "content": "Tokens travel well"},
        ]
    }
